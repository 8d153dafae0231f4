"""Promotion: the policy that chooses the champion, and the history of champions.

Stores keep the history; this package reads and writes none.
"""
