"""The forms that tables are printed in: one writer for each, with the same three methods."""
