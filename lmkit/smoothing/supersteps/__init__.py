"""Smoothing in steps that can be done anywhere: pure functions of messages, whose result is that of a single machine to the last byte.

Ranges are of first words, as in counting.

1. `suffixes`: each range tells the others how many distinct words it has before their n-grams.
2. `tallies`: each range adds these up, and adds up what follows each history.

`driver` cuts counts into ranges, finds the discounts, and puts the ranges together.
"""
