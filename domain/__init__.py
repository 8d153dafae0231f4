"""What a model, a dataset, a score and a promotion decision are, and the ports the rest of the world plugs into.

Nothing here reads a file, opens a socket, writes a log line or imports anything but numpy and the standard library.
"""
