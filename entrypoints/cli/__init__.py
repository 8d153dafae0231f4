"""The command line: each file parses the words of one command, calls one use case, and shows what came of it."""
