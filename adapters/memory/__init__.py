"""Ports in memory: the only fakes of this project, held to the same contracts as the real adapters.

Nothing is written to a disk; a test can make each of them unreachable.
"""
