"""Where a text repeats another."""
