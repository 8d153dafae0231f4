"""Command line: each module parses the arguments of one command, calls a use case, and prints the result.

Rules about data and models belong to the domain; hints on what to type are in `hints`.
"""
