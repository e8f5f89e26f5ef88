"""From tokens to ids of a vocabulary."""
