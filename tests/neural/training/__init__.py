"""Training of neural models."""
