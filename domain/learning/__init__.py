"""A training as values: its plan, its result, the files of its run, and the learner in `sgd`.

Trackers and stores do not belong here.
"""
