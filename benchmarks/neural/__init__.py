"""Neural models: a step of training beside PyTorch, and how fast texts are scored."""
