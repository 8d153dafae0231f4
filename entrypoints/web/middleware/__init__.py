"""Checks and records around every request; the order is set in `entrypoints.web.app`.

Bodies and routes do not belong here.
"""
