"""What comes next: the states of many sentences, side by side, in the eyes of each architecture."""
