"""Hostile inputs: files of every format, changed at random with a seed, given to every command that reads them.

`python -m tests.hostile --minutes 60` tries as many as there is time for. `found/` keeps, for each fault that was ever found so, the smallest
input that shows it.
"""
