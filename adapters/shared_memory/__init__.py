"""Counts of requests in memory that all worker processes of a host share."""
