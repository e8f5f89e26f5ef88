"""Subword tokenizers: from a text to a tokenizer, from words to subwords and back."""
