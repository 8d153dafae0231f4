"""Adapters: one folder per technology, each implements ports of the domain; `host` has the files and locks they share.

An adapter converts, calls, and translates failures. It decides nothing, and imports neither use cases nor other
adapters.
"""
