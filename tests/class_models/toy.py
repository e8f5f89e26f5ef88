"""The worked example by class: three classes, whose sequences can be counted by hand.

    le chat boit du lait                   D N V D N
    elle boit du lait                      <unk> V D N
    le chien voit le chat dans la cour     D N V D N <unk> D N

c(D) = 6: le 3, du 2, la 1.  c(N) = 6: chat 2, lait 2, chien 1, cour 1.  c(V) = 3: boit 2, voit 1.  No class: elle, dans.  Not there: dort (V).
"""

import io
from typing import Any

import lmkit
from lmkit.classes.word_classes import WordClasses
from tests.conftest import TOY

WORDS = {
    "le": "D",
    "la": "D",
    "du": "D",
    "chat": "N",
    "lait": "N",
    "chien": "N",
    "cour": "N",
    "boit": "V",
    "voit": "V",
    "dort": "V",
}
BY_CLASS = "D N V D N\n<unk> V D N\nD N V D N <unk> D N\n"  # the text, word by word
SHARES = {
    "le": 3 / 6,
    "du": 2 / 6,
    "la": 1 / 6,
    "chat": 2 / 6,
    "lait": 2 / 6,
    "chien": 1 / 6,
    "cour": 1 / 6,
    "boit": 2 / 3,
    "voit": 1 / 3,
}
TSV = "word\tclass\n" + "".join(f"{word}\t{name}\n" for word, name in WORDS.items())


def classes(words: dict[str, str] | None = None) -> WordClasses:
    """Words in classes; those of the example if none are given."""
    given = WORDS if words is None else words
    return WordClasses.of([word.encode() for word in given], [name.encode() for name in given.values()])


def class_counts(order: int = 2, **options: Any) -> lmkit.ClassCounts:
    """The class counts of the example."""
    return lmkit.class_counts(lmkit.count_ngrams(TOY, order), classes(), **options)


def counts_by_class(order: int, text: str = BY_CLASS) -> lmkit.NgramCounts:
    """The counts of the text in which each word is the name of its class."""
    settings = lmkit.TextSettings(reserved="keep")
    return lmkit.count_ngrams(io.BytesIO(text.encode()), order, settings=settings)
