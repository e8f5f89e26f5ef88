"""How results are printed: lines, tables, progress."""
