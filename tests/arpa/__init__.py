"""Tests of ARPA files."""
