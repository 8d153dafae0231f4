"""`python -m entrypoints` is `endeavour`."""

from entrypoints.start import main

main()
