"""Files elsewhere, on servers of our own."""
