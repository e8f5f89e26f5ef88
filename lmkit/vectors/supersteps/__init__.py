"""Counting what stands near each other in steps that can be done anywhere; the matrix is that of a single machine to the last byte.

1. `lmkit.text.ids.supersteps`: each split of the text becomes ids of its own words; the driver numbers all words by first occurrence in the whole text.
2. `counting`: the pairs of each split are counted under these ids, and their rows cut into ranges of words.
3. `adding`: each range adds up what all splits have of it.

`driver` puts the ranges one below the other.
"""
