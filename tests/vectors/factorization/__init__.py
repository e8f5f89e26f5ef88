"""Factoring matrices of associations."""
