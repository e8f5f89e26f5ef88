"""From counts to a backoff model: one file a smoothing."""
