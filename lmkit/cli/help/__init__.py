"""Help: what a command declares -> a page, short (-h) or full (--help), as wide as the terminal."""
