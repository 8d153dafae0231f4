"""Batch scoring of Parquet and CSV files: one file of predictions for each file of a table.

A scored file appears complete or not at all, so that a killed run continues with the files that are missing.
"""
