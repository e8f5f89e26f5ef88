"""One file a smoothing: its rules, its options, its formula in words, and all else that is said of it.

A file that is added here is a smoothing of `lmkit smooth`, `smooth --all`, `explain` and the plots. Nothing slow may be
imported at its top.
"""
