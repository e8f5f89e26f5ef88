"""Plots: curves of texts and models, surprisal word by word; as text, pictures, pages and data."""
