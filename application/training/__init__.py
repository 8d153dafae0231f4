"""Use cases of a training: fit, track, save, and pass the challenger through the promotion gate.

The learner belongs to `domain.learning`, and the policy to `domain.promotion`.
"""
