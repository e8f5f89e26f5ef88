"""From sentences to tokens: words, characters, bytes, subwords; and how words are normalized."""
