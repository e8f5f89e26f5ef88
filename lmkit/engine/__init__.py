"""How work is done: sparse kernels, threads, scratch space, progress, columns of text. Knows no text and no model."""
