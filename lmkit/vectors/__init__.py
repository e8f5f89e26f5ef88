"""From ids to matrices and vectors: one-hot encoding, co-occurrence, association."""
