"""What models know of each n-gram."""
