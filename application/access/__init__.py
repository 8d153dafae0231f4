"""Use cases of API keys: issue, revoke, and refresh the valid keys.

The rules of a key belong to `domain.access`, and the headers that carry it to the web application.
"""
