"""`lmkit classes`: words that behave alike."""

from lmkit.cli.command import group

group(
    __name__,
    "Put words that behave alike into classes, and look at them.",
    short="Put words into classes.",
    after="vectors",
    topic="Train",
)
