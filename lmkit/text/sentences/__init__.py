"""From blocks of text to sentences, one a line."""
