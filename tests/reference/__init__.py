"""Figures of other tools, which those of lmkit equal."""
