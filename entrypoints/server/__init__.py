"""The processes of a serving host: a parent that watches, workers that answer, and one mirror that talks to MLflow.

Workers read the host's own copy of the champion and nothing else; they neither import MLflow nor wait for it.
"""
