"""Domain: models, datasets, scores and promotion decisions, and the ports that adapters implement.

The domain imports numpy and the standard library only. It does no input or output, and writes no log.
Annotations quote `"np.random.Generator"`: numpy imports `np.random` once it is read, and servers draw nothing.
"""
