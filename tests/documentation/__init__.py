"""The words and screens of the documentation."""
