"""Factories: make the objects of the container from the settings, and import a heavy library when it is needed.

A file for each subject; what a library is needed for is imported inside its function.
"""
