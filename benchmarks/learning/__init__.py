"""How fast the learner is beside others who answer the same question: `make bench-learning`.

Competitors take turns in the same process on the same data; what is told are ratios, as times are of one machine.
"""
