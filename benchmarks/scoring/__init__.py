"""Batch scoring beside a bare scan and write."""
