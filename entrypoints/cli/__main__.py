"""`python -m entrypoints.cli` is `endeavour`."""

from entrypoints.cli.main import main

main()
