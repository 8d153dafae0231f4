"""Checks of `endeavour doctor`: they find faults and name remedies.

A check changes nothing: it makes no folder, no database and no experiment.
"""
