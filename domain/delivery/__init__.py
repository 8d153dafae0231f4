"""Delivery: the models that a host serves, the status of the registry, and the rollout of a challenger.

Polling and serving belong to use cases and entrypoints.
"""
