"""Models, runs, keys, the last known good and the sync status in local files, also where MLflow is unreachable.

Files are written beside their place and renamed, so that each reader finds a whole one.
"""
