"""Measuring vectors."""
