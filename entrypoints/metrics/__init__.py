"""Numbers about a running server, for Prometheus: how the processes of a host add to them, and how they are shown.

Whatever is counted has labels from a bounded set: nothing that a client sends becomes one.
"""
