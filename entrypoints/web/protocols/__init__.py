"""Protocols of other model servers, for clients that were written for them: one package each.

Our own routes do not belong here, and one protocol imports nothing of another.
"""
