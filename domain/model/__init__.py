"""Models: a linear model, its scores, its versions, and their serialized form.

Fits belong to `domain.learning`, and promotions to `domain.promotion`.
"""
