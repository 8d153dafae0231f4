"""Monitoring: what a server has answered, what has changed, whether rows drifted, and whether an operator is needed."""
