"""Options that say what texts are, and how they are read."""
