"""Parquet: tables of which one column is the text, a block at a time, also where a small file holds much."""
