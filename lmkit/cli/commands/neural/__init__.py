"""`lmkit neural`: networks that say the next token."""

from lmkit.cli.command import group

group(
    __name__,
    "Train networks that say the next token; exchange them with other programs.",
    short="Train, exchange neural models.",
    after="ngram",
)
