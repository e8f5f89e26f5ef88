"""Tests of KenLM's binary files."""
