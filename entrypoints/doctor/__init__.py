"""Examinations of `endeavour doctor`: they find faults and name remedies, and change nothing."""
