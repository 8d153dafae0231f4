"""Counters and gauges of a running server, for Prometheus.

Label values come from bounded sets: no text of a client becomes one.
"""
