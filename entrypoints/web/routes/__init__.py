"""Routes of our own API: predictions, health, metrics and documentation.

Protocols of other servers have a package of their own.
"""
