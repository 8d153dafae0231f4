"""Benchmark of the learner beside other least-squares programs, which take turns in one process on the same data."""
