"""N-gram models predict: drawn words are found without looking at all of them."""
