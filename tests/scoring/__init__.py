"""What is common to all models: perplexity, comparison, mixtures."""
