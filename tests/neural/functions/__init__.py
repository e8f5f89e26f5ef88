"""Functions and their derivatives."""
