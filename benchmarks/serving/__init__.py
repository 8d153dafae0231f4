"""Benchmark of the server beside others that serve the same coefficients and answer the same client in turns."""
