"""From text to lines of tokens, for people and other programs."""
