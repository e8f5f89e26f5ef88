"""`lmkit tokenizer`: subword tokenizers."""

from lmkit.cli.command import group

group(
    __name__,
    "Train and use subword tokenizers: BPE, WordPiece, Unigram.",
    short="Train and use subword tokenizers.",
    after="classes",
    topic="Train",
)
