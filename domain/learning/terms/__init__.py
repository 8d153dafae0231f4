"""Choice of the columns, terms and penalty of a model, from a sample of its training rows.

The fit belongs to `domain.learning.sgd`.
"""
