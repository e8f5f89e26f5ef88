"""`lmkit ngram`: counts and models."""
