"""Tests of lmkit/recipes."""
