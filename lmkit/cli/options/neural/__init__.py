"""Options of what is about neural models."""
