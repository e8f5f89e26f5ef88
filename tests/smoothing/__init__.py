"""Smoothings: one by one, compared, explained."""
