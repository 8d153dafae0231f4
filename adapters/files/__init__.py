"""Models, runs and keys in local files: CSV, pickle and JSON, for hosts without MLflow and for its outages.

Files are written aside and renamed, so that no reader finds half of one.
"""
