"""Interpolated models as what they are made of: counts, discounts, and for each history what its counts are divided by."""
