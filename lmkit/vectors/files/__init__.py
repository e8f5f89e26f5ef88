"""Matrices and vectors with their words as files: SciPy's, lmkit's own, those of other tools."""
