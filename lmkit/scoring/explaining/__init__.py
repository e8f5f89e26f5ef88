"""How the probabilities of a model come about, word by word."""
