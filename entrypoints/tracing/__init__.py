"""Requests as spans of OpenTelemetry, sent to a collector where the environment asks for that.

But for `asked_for`, nothing here is imported elsewhere: the libraries are an extra.
"""
