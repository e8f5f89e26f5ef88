"""Asking vectors."""
