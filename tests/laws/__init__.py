"""Laws that hold for any text, and of the house itself."""
