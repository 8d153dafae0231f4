"""Which version is the champion: the promotion policy and the history of changes.

Stores carry a decision out; nothing here reads or writes one.
"""
