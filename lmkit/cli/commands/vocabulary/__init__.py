"""`lmkit vocabulary`: the words of texts and models."""
