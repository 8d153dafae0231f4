"""Who may send requests and how often, and which secrets are removed from texts.

Headers, addresses and files do not belong here.
"""
