"""Use cases, one file each, named by verbs, and the values that they hold. They import the domain and its ports only.

They log events with fields; entrypoints format the lines.
"""
