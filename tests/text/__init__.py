"""Text: sources, sentences, tokens, ids."""
