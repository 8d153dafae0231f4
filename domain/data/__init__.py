"""Tables to learn from: rows with named features and a target, readable in blocks, and how they are split.

File formats do not belong here: adapters read them.
"""
