"""The words that a plot is to show, and how they are shown."""

import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from lmkit.errors import DataError
from lmkit.text.vocabulary import Vocabulary

LISTED = 5  # missing words that a message names
SEARCHED = 50_000  # words among which similar ones are looked for


def places_of(words: Sequence[str], known: Vocabulary, what: str) -> list[int]:
    """The places of words in a vocabulary, each once. DataError for words that it has not, with the nearest spellings.

    what: has the vocabulary, for the message, as in "these vectors".
    """
    ids = known.ids
    wanted = list(dict.fromkeys(words))
    missing = [word for word in wanted if word.encode() not in ids]
    if not missing:
        return [ids[word.encode()] for word in wanted]
    near = near_spellings(missing[:LISTED], [word.decode(errors="replace") for word in known.words[:SEARCHED]])
    others = f" and {len(missing) - LISTED:,} more" if len(missing) > LISTED else ""
    raise DataError(
        f"not among the {len(known):,} words of {what}: {', '.join(missing[:LISTED])}{others}.",
        f"Nearest spelling: {', '.join(near)}."
        if near
        else "Words are looked up as they are written, with case and accents.",
    )


def near_spellings(words: Sequence[str], known: Sequence[str]) -> list[str]:
    """For each of the words the known one that is spelled most like it, if any is; accents and case are what is missed first."""
    plain: dict[str, str] = {}
    for word in known:
        plain.setdefault(without_accents(word), word)
    close = (get_close_matches(without_accents(word), plain, 1) for word in words)
    return list(dict.fromkeys(plain[found[0]] for found in close if found))


def without_accents(word: str) -> str:
    """The letters of a word, small ones, without the marks on them."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(letter)
    )


def printed(word: str) -> str:
    """A word as it is shown: what cannot be printed as U+FFFD."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in word)
