"""The registry sync: a process that polls the registry, and the supervisor that keeps it running.

What is copied, and when a version is refused, is decided by the use case `SyncChampion`.
"""
