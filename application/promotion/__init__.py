"""Use cases of an operator: promote a version, roll back, list versions.

What a training promotes is decided in `application.training`.
"""
