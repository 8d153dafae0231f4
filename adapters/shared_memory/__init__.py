"""Memory that all worker processes of a host share: the counts of the rate limit.

The sync status is a file that outlives its writer, so it belongs to `adapters.files`.
"""
