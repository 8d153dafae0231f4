"""The registry sync: a process that polls the registry, and the supervisor that keeps it running."""
