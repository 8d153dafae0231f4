"""Counts of requests that several processes share: in this host's memory, or in Redis for several hosts.

A count is never worth a request: what cannot be counted in one place is counted in the other.
"""
