"""What methods of word vectors are worth, and what they cost."""
