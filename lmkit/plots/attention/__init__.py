"""Attention of a sentence, per layer and head: text, pages, pictures."""
