"""From a text to a neural model: what it learns from, in which order, when it stops, and how it goes on after a break."""
