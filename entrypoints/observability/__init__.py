"""Logs, metrics and the context of a request.

Nothing here decides about a request: middleware and routes record into it.
"""
