"""Backoff models: scored, pruned, restricted, mixed."""
