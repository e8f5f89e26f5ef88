"""`lmkit tokenizer`: subword tokenizers."""
