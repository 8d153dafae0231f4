"""What a serving host answers with, and what it knows about the registry.

Polling and serving are done by use cases and entrypoints.
"""
