"""The words that a plot is to show, and how they are shown."""

from collections.abc import Sequence

from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.queries.lookup import places_of, unknown_words


def places_in(known: Vocabulary, words: Sequence[str]) -> list[int]:
    """The places of words in a vocabulary, each once. DataError for words that it has not, with the nearest spellings."""
    wanted = list(dict.fromkeys(words))
    places: list[int] = places_of(known, wanted).tolist()
    if missing := [word for word, place in zip(wanted, places, strict=True) if place < 0]:
        raise unknown_words(known, missing)
    return places


def printed(word: str) -> str:
    """A word as it is shown: what cannot be printed as U+FFFD."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in word)
