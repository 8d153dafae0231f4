"""Tables from Parquet and CSV files of any size, read with pyarrow: into memory if they fit, else as a stream.

Files of a table are never written to. Every number is validated before a caller reads it. A file that changes while it
is read raises an error that names it.
"""

import pyarrow as pa

# The program handles Ctrl-C; by default, pyarrow replaces the handler while it reads.
pa.enable_signal_handlers(False)
