"""Lists of n-grams with their counts, in the order in which people read them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import texts_to_arrow
from lmkit.engine.columns import as_texts, texts_at
from lmkit.engine.ordering import sorted_rows
from lmkit.engine.phrases import Phrases
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.orders import words_of
from lmkit.text.vocabulary import BOS, EOS

if TYPE_CHECKING:
    import pyarrow as pa

LIST_PIECE = 1 << 16  # n-grams turned into text at a time


def list_ngrams(counts: NgramCounts, **options: Any) -> list[tuple[str, int]]:
    """The n-grams of the highest order with their counts, most frequent first (options: as `ngram_listing`)."""
    return [
        pair
        for texts, values in ngram_listing(counts, **options)
        for pair in zip(texts.texts().to_pylist(), values.tolist(), strict=True)
    ]


def counted_ngrams(counts: NgramCounts, top: int | None = None) -> "tuple[pa.Array[Any], NDArray[Any]]":
    """The n-grams (n-grams,) of the highest order and their counts (n-grams,), most frequent first."""
    import pyarrow as pa

    texts, values = [texts_to_arrow([])], [np.zeros(0, np.int64)]
    for phrases, found in ngram_listing(counts, top=top):
        texts.append(phrases.texts())
        values.append(found.astype(np.int64))
    return pa.concat_arrays(texts), np.concatenate(values)


def seen_ngrams(counts: NgramCounts) -> "Iterator[tuple[pa.Array[Any], NDArray[Any]]]":
    """The n-grams that were seen and their counts, in pieces, shorter ones first: texts (n-grams,) and counts (n-grams,)."""
    texts = as_texts(counts.vocabulary.arrow_words())
    for length, values in enumerate(counts.chain.counts, start=1):
        entries = np.flatnonzero(values)
        for first in range(0, len(entries), LIST_PIECE):
            piece = entries[first : first + LIST_PIECE]
            yield Phrases(texts, words_of(counts.orders, length, piece)).texts(), values[piece]


def ngram_listing(
    counts: NgramCounts,
    *,
    by: Literal["count", "ngram"] = "count",
    top: int | None = None,
    min_count: int = 1,
    markers: bool = True,
) -> Iterator[tuple[Phrases, NDArray[Any]]]:
    """The n-grams of the highest order and their counts, in pieces: phrases (n-grams,) and counts (n-grams,).

    by "count": most frequent first, ties by code point; "ngram": by code point. top: only so many. markers: whether
    n-grams with <s> or </s> are listed; words alone (order 1) never include them.
    """
    values = counts.counts[-1]
    entries = np.flatnonzero(values >= max(min_count, 1))
    words = words_of(counts.orders, counts.order, entries)
    if not markers or counts.order == 1:
        plain = (words[0] != BOS) & (words[-1] != EOS) & (words[-1] != BOS)
        entries, words = entries[plain], [column[plain] for column in words]
    if by == "count" and top is not None and top < len(entries):
        least = np.partition(values[entries], len(entries) - top)[len(entries) - top] if top else values.max() + 1
        likely = values[entries] >= least
        entries, words = entries[likely], [column[likely] for column in words]
    # A space sorts before all characters of words: words compare one by one.
    ranks, types, largest = counts.vocabulary.code_point_ranks(), len(counts.vocabulary), int(values.max(initial=0))
    ranked = [(ranks.take(column), types) for column in words]
    falling = (largest - values.take(entries), largest + 1)
    columns = [column[:top] for column in sorted_rows([falling, *ranked] if by == "count" else [*ranked, falling])]
    columns = columns if by == "count" else [columns[-1], *columns[:-1]]
    texts = texts_at(as_texts(counts.vocabulary.arrow_words()), np.argsort(ranks))  # by rank
    for first in range(0, len(columns[0]), LIST_PIECE):
        fallen, *places = (column[first : first + LIST_PIECE] for column in columns)
        yield Phrases(texts, places), (largest - fallen).astype(values.dtype)
