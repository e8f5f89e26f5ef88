"""From what a model predicts to next words and sampled sentences."""
