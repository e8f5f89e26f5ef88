"""`lmkit neural`: models that learn by gradient descent."""

from lmkit.cli.command import group

group(
    __name__,
    "Train neural models on text, exchange them with other programs; they are scored, mixed and asked for words as n-gram models are.",
    short="Train, exchange neural models.",
    after="smooth",
    topic="Train",
)
