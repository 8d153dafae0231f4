"""Delivery: the model that a host serves, and the status of the registry.

Polling and serving belong to use cases and entrypoints.
"""
