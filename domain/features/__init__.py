"""Feature encoding: fitted columns of numbers, categories and dates, which turn raw values into named numeric terms.

Coefficients belong to `domain.model`, and the choice of terms to `domain.learning`.
"""
