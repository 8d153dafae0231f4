"""Bytes to values and back: bodies, schemas, responses and problem details, shared by all routes.

Nothing here imports middleware, routes or a protocol.
"""
