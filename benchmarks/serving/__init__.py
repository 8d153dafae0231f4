"""How fast the server is beside others that serve the same coefficients: `make bench-serving`.

All are started on this machine, asked by the same client in turns, and stopped while another one has its turn; what is
told are ratios, as times are of one machine.
"""
