"""Dask: rows that are read by the workers of a cluster, where sums are made and files are scored.

Only sums and counts come back. No row of a table is sent, and no code: scheduler, workers and client have the same
release installed.
"""
