"""Charts of the console: pure functions that take numbers and return SVG.

A chart has no style attribute, which the policy of the console forbids, and no words that were not escaped.
"""
