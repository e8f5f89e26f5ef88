"""Tests of `lmkit/classes`."""
