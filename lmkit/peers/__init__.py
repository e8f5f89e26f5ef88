"""Models as other libraries define them."""
