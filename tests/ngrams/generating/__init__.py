"""What may come next, and draws from it."""
