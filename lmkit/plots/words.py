"""The words that a plot is to show, and how they are shown."""

import unicodedata
from collections.abc import Sequence

from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.queries.lookup import known_places

DOTTED_CIRCLE = "\u25cc"


def places_in(known: Vocabulary, words: Sequence[str]) -> list[int]:
    """The places of words in a vocabulary, each once. DataError for words that it has not, with the nearest spellings."""
    places: list[int] = known_places(known, list(dict.fromkeys(words))).tolist()
    return places


def printed(word: str) -> str:
    """A word as it is shown: what cannot be printed as U+FFFD."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in word)


def standing_alone(word: str) -> str:
    """A word as it is shown in a place of its own: a mark that would combine with what is before it, such as a tone, on a dotted circle."""
    shown = printed(word)
    return f"{DOTTED_CIRCLE}{shown}" if shown and unicodedata.combining(shown[0]) else shown
