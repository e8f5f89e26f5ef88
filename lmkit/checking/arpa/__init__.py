"""From ARPA files of any tool, however damaged, to lists of n-grams and problems."""
