"""How fast the server is beside others that serve the same coefficients: `make bench-serving`.

All are started on this machine and asked by the same client in turns; what is told are ratios, as times are of one
machine.
"""
