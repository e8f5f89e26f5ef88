"""`lmkit plot`: pictures."""
