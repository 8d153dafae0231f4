"""Use case of the registry sync process: it copies the champion from the registry to this host.

Workers read what it publishes, in `application.serving`.
"""
