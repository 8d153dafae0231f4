"""Dask: rows that are read by the workers of a cluster, where sums are made; only sums come back.

No row of a table is sent, and no code: scheduler, workers and client have the same release installed.
"""
