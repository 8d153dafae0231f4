"""Use cases of a worker: predict with the current model, and refresh it from this host's champion.

They call no registry: `application.registry_sync` does.
"""
