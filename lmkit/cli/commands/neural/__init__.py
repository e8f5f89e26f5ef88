"""`lmkit neural`: models that learn by gradient descent."""

from lmkit.cli.command import group

group(
    __name__,
    "Train neural models on text; what they give is scored, mixed and asked for words as n-gram models are.",
    short="Train neural models.",
    after="ngram",
)
