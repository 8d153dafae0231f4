"""Tables to learn from: rows with named features and a target, read in blocks, and their split.

File formats belong to the adapters.
"""
