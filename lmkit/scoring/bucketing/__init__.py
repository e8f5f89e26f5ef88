"""Weights of mixtures that depend on the history."""
