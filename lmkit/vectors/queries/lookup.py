"""A few words among hundreds of thousands: where they stand, and which are spelled nearly as they are."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import bytes_to_arrow, to_numpy
from lmkit.engine.kernels import call_arrow
from lmkit.errors import DataError
from lmkit.text.tokens.normalization import lower, rewritten
from lmkit.text.vocabulary import Vocabulary
from lmkit.vectors.queries.rows import Rows

COMPARED = 100  # words that share most letters with a misspelled one, which are compared with it in earnest
SUGGESTED = 3
ALIKE = 0.6  # of 1: below, a spelling is not near
SHOWN = 5  # words of many that a message names


def places_of(words: Vocabulary, wanted: Sequence[str]) -> NDArray[np.int64]:
    """(wanted,) the place of each word; -1: it is not there. No table of all the words is made."""
    distinct = list(dict.fromkeys(word.encode() for word in wanted))
    found = call_arrow("index_in", words.arrow_words(), value_set=bytes_to_arrow(distinct))
    places = np.flatnonzero(to_numpy(call_arrow("is_valid", found)))
    numbers = to_numpy(call_arrow("drop_null", found))
    by_word = {
        distinct[number]: place for number, place in zip(numbers[::-1].tolist(), places[::-1].tolist(), strict=True)
    }
    return np.array([by_word.get(word.encode(), -1) for word in wanted], np.int64)


def rows_of(rows: Rows, wanted: Sequence[str]) -> NDArray[np.int64]:
    """(wanted,) the row of each word. DataError for those that have none, with the nearest spellings."""
    return known_places(rows.words, wanted)


def known_places(words: Vocabulary, wanted: Sequence[str]) -> NDArray[np.int64]:
    """(wanted,) the place of each word. DataError for those that are not there, with the nearest spellings."""
    places = places_of(words, wanted)
    missing = list(dict.fromkeys(word for word, place in zip(wanted, places.tolist(), strict=True) if place < 0))
    if missing:
        raise unknown_words(words, missing)
    return places


def unknown_words(words: Vocabulary, missing: Sequence[str]) -> DataError:
    """The error for words that have no vector."""
    if len(missing) == 1:
        as_written = ", ".join(nearest_spellings(words, missing[0]))
        return DataError(f"the word {missing[0]!r} is not among the {len(words):,} words.", spelled_nearly(as_written))
    near_each = {word: near for word in missing[:SHOWN] if (near := nearest_spellings(words, word))}
    as_written = ", ".join(f"{word} ({', '.join(near)})" for word, near in near_each.items())
    named = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else "")
    return DataError(
        f"{len(missing):,} words are not among the {len(words):,} words: {named}.", spelled_nearly(as_written)
    )


def spelled_nearly(as_written: str) -> str:
    """What is said of words that are spelled nearly so; none: there are none."""
    return f"Nearest spellings: {as_written}." if as_written else "No word is spelled nearly so."


def nearest_spellings(words: Vocabulary, word: str) -> list[str]:
    """The words spelled most nearly as this one, nearest first, ties in the order of the words; without regard to case and accents.

    Letters, and pairs of them, that words share with it are counted for all words at once; only those that share most are
    compared letter by letter.
    """
    (plain,) = plain_spellings([word.encode()])
    letters = np.frombuffer(plain, np.uint8)
    if not len(letters) or not len(words):
        return []
    spelled = Vocabulary.from_words(plain_spellings(words.words))
    offsets, text = spelled.offsets, spelled.utf8
    one = np.zeros(1 << 8, np.int32)
    one[letters] = 1
    pairs = np.zeros(1 << 16, np.int32)
    pairs[letters[:-1].astype(np.uint16) << 8 | letters[1:]] = 1
    shared = pairs[text[np.arange(len(text)) - 1].astype(np.uint16) << 8 | text]
    lengths = np.diff(offsets)
    shared[offsets[:-1][lengths > 0]] = 0  # the first letter of a word makes no pair
    shared += one[text]
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(shared)))
    scores = (sums[offsets[1:]] - sums[offsets[:-1]]) / (lengths + len(letters))
    scores[np.abs(lengths - len(letters)) > max(2, len(letters) // 2)] = 0
    number = min(COMPARED, len(words))
    kept = np.sort(np.argpartition(-scores, number - 1)[:number]).tolist()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(plain.decode())
    ratios = []
    for place in kept:
        matcher.set_seq1(spelled.words[place].decode())
        ratios.append((-matcher.ratio(), place))
    return [words.words[place].decode() for ratio, place in nsmallest(SUGGESTED, ratios) if -ratio >= ALIKE]


def plain_spellings(words: list[bytes]) -> list[bytes]:
    """The words in small letters without accents, which are what keyboards lack and people leave out; œ is oe."""
    words = rewritten(words, "utf8_normalize", form="NFD")
    words = rewritten(words, "replace_substring_regex", pattern=r"\p{Mn}", replacement="")
    return rewritten(lower(words), "replace_substring", pattern="œ", replacement="oe")
