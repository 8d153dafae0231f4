"""What predicts: a linear model, its scores, the version that is kept, and its serialized form.

How a model is found belongs to `domain.learning`, and whether it is served to `domain.promotion`.
"""
