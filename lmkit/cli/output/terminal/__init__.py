"""What a terminal shows: letters that it has, columns as wide as their cells, a last line that comes and goes."""
