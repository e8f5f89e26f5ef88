"""Backoff models, the one type behind every smoothing: scoring, pruning, restricting, mixing, normalizing."""
