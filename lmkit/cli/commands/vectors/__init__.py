"""`lmkit vectors`: words as dense vectors."""

from lmkit.cli.command import group

group(
    __name__,
    "Make dense word vectors of counts or text, use them, measure them, draw them.",
    short="Make, use, measure word vectors.",
    after="neural",
    topic="Train",
)
