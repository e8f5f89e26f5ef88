"""Models with the methods of the `kenlm` module."""
