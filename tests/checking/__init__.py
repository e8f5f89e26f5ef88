"""Checks and repairs of models."""
