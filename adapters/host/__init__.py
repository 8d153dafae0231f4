"""Files and locks of this host, as several technologies use them.

Adapters of the other folders may import from here; nothing here implements a port.
"""
