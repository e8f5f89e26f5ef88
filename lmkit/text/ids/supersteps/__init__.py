"""Reading text in steps that can be done anywhere: each split becomes ids of its own words, and all words are numbered as a single machine numbers them.

What is counted of the ids are steps of whoever counts.
"""
