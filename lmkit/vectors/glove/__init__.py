"""GloVe: vectors whose products are the logarithms of how often words meet (Pennington, Socher & Manning 2014)."""
