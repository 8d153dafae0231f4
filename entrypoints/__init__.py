"""Where the program starts: settings, the container that wires everything, the command line and the web server.

The only place that knows every name. It decides nothing that a use case or the domain could decide.
"""
