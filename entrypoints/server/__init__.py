"""The processes of a serving host: a parent that supervises, workers that answer, and one that polls the registry.

Workers read this host's copy of the champion; they never import MLflow or wait for it.
"""
