"""GloVe: its objective, its two optimizers, its vectors."""
