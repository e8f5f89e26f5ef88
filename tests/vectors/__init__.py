"""Vectors: one-hot, co-occurrence, association."""
