"""`lmkit ngram`: counts and models."""

from lmkit.cli.command import group

group(
    __name__,
    "Train, merge, mix, prune, inspect, check, convert n-gram counts and models.",
    short="Train, merge, mix, prune, check models.",
    after="count",
    topic="Train",
)
