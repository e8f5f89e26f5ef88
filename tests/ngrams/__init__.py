"""N-grams: tries, counts, backoff models, files."""
