"""The ports in memory: the only fakes of this project, held to the same contracts as the real adapters."""
