"""What models know of each n-gram: probabilities, or counts with what they are divided by."""
