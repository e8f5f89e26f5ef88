"""Dense vectors from a sparse matrix: its largest singular values, and their vectors."""
