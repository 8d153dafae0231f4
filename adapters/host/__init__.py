"""Files and locks of this host, and what several technologies log alike.

Adapters of the other folders may import from here; nothing here implements a port.
"""
