"""Records read and written back."""
