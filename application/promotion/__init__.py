"""Use cases of an operator: promote a version, roll back, list versions."""
