"""Measuring vectors: against people's judgements of how similar words are, and by analogies."""
