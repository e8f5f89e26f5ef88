"""From a model to next words and sampled sentences."""
