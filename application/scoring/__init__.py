"""Batch scoring: predictions for every row of a table, without a server."""
