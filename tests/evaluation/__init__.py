"""Suites and gates."""
