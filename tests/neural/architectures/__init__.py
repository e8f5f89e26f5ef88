"""Whole networks: gradients by hand against the tape and PyTorch; scores."""
