"""Files of lmkit's own."""
