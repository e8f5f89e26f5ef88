"""From text to ids: reading, tokenisation, vocabulary, encoding."""
