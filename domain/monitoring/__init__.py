"""Monitoring: what a server has answered, what has changed, and whether an operator is needed."""
