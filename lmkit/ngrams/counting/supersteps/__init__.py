"""Counting in steps that can be done anywhere: pure functions of messages, whose result is that of a single machine to the last byte.

1. `lmkit.text.ids.supersteps`: each split of the text becomes ids of its own words; the driver numbers all words by first occurrence in the whole text.
2. `counting`: each split is counted under these ids, and its n-grams are cut into slices by ranges of first words (`ranges`).
3. `merging`: each range adds its slices up.

`driver` puts the ranges together.
"""
