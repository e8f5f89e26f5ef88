"""Plots: curves and pages."""
