"""A block of a matrix in colour: which cells, pictures, text."""
