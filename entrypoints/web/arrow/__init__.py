"""Arrow IPC streams on POST /batch: what is read of one, and what is answered.

Only `request` is imported with the application; the others import pyarrow, which is an extra, with the first stream.
"""
