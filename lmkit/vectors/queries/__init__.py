"""Asking vectors: how alike two words are, which are the nearest to one, and what is to one word as another is to a third."""
