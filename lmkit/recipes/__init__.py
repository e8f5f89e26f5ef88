"""Recipes: mixtures as small files, which name the files of their models by path and digest, with their weights."""
