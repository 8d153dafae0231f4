"""Benchmark of the rules that decide a rollout beside those of other programs, on simulated traffic."""
