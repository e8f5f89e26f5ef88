"""The words that a plot is to show, and how they are shown."""

from collections.abc import Sequence
from difflib import get_close_matches

from lmkit.errors import DataError
from lmkit.text.vocabulary import Vocabulary


def places_of(words: Sequence[str], known: Vocabulary, what: str) -> list[int]:
    """The places of words in a vocabulary, each once. DataError for words that it has not, with the nearest spellings; what: has them, as in "these vectors"."""
    ids = known.ids
    wanted = list(dict.fromkeys(words))
    missing = [word for word in wanted if word.encode() not in ids]
    if not missing:
        return [ids[word.encode()] for word in wanted]
    spelled = [word.decode(errors="replace") for word in known.words]
    near = [close[0] for word in missing if (close := get_close_matches(word, spelled, 1))]
    raise DataError(
        f"not among the {len(known):,} words of {what}: {', '.join(missing)}.",
        f"Nearest spelling: {', '.join(dict.fromkeys(near))}."
        if near
        else "Words are looked up as they are written, with case and accents.",
    )


def printed(word: str) -> str:
    """A word as it is shown: what cannot be printed as U+FFFD."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in word)
