"""Benchmark of a Dask cluster of this machine beside one process and beside dask-ml."""
