"""From ids to counts of n-grams."""
