"""Domain: models, datasets, scores and promotion decisions, and the ports that adapters implement.

The domain imports numpy and the standard library only. It does no input or output, and writes no log.
"""
