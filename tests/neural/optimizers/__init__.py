"""Optimizers, rates and paths."""
