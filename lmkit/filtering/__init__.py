"""Records and a model of theirs -> the same records: those that meet criteria, sorted into buckets, with figures added."""
