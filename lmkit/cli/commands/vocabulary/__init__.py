"""`lmkit vocabulary`: the words of texts and models."""

from lmkit.cli.command import group

group(
    __name__,
    "List, compare and measure vocabularies: word lists, OOV words, Heaps' and Zipf's laws.",
    short="List, compare, measure vocabularies.",
    after="tokenizer",
    topic="Text",
)
