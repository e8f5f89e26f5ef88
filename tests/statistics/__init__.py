"""What can be said of a text without a model."""
