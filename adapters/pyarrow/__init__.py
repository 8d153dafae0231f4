"""Tables from Parquet and CSV files of any size, read with pyarrow: into memory if they fit, else as a stream.

Nothing here writes to a file that it was given. Every number is checked before it is handed out, and a file that
changes under the reader is an error that names it.
"""

import pyarrow as pa

# Ctrl-C is for the program to handle: pyarrow would take it for itself while it reads.
pa.enable_signal_handlers(False)
