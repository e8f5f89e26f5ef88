"""Class models: their counts, probabilities, files and commands."""
