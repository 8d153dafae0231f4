"""Command line: each module parses the arguments of one command, calls a use case, and prints the result."""
