"""One file per use case, in verbs. Use cases see the domain and its ports, and know no technology.

They log what happened as events with facts, and leave it to the entrypoints how a log line looks.
"""
