"""Data, models and runs in local files: CSV, pickle and JSON, for those without MLflow and for hosts that lost it.

Files are written aside and renamed, so that no reader ever sees half of one.
"""
