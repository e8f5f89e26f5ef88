"""From texts to figures that need no model: entropy, word lists, frequencies, growth of the vocabulary."""
