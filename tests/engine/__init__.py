"""How work is done, whatever the work."""
