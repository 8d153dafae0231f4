"""A training: its plan, its fit and result, the files of its run, and the learner in `sgd`.

Trackers and stores belong to the adapters.
"""
