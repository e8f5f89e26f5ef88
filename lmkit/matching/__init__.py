"""Matches: a text and another -> for each place of it the longest match, of any length, in the other."""
