r"""Writing ARPA files, the text format in which n-gram tools exchange backoff models.

Written is what KenLM's and SRILM's readers accept. lmkit adds one comment line above \data\ with its settings, which
both readers skip.
"""

import gzip
import json
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.decimals import USUAL, are_usual, negative_decimals
from lmkit.engine.arrays import FloatArray
from lmkit.engine.arrow import text_to_arrow, to_arrow, to_numpy
from lmkit.engine.columns import as_texts, join_columns, numbers_as_text
from lmkit.engine.kernels import call_arrow
from lmkit.engine.pool import Places, Pool, joined
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.listed import LOG10_ZERO, unigrams_listed
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.trie.orders import ngram_words
from lmkit.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

COMMENT = b"# lmkit "
WRITE_PIECE = 1 << 17  # n-grams that a thread turns into text at a time
GATHERED = 1 << 16  # of these at once, so that memory is used again


def write_arpa(model: NgramModel, stream: IO[bytes], *, compressed: bool = False, workers: int | None = None) -> None:
    """Write the model; <s> and probabilities of 0 get -99.

    compressed: as gzip, each piece a member of its own, so that threads share the work. workers: threads (default: the
    number of cores).
    """
    model = backing_off(model)
    comment = {"version": __version__} | Origin.of(model).as_dict() | {"precision": model.precision}
    listed = unigrams_listed(model)
    sizes = [len(listed), *map(len, model.orders[1:])]
    head = COMMENT + json.dumps(comment, ensure_ascii=False).encode() + b"\n\n\\data\\\n"
    head += b"".join(b"ngram %d=%d\n" % (k, size) for k, size in enumerate(sizes, start=1))
    parts: list[bytes | tuple[int, int]] = [head]
    for k, order in enumerate(model.orders, start=1):
        parts += [b"\n\\%d-grams:\n" % k, *((k, first) for first in range(0, len(order), WRITE_PIECE))]
    parts.append(b"\n\\end\\\n")
    lines = NgramLineWriter(model, listed)

    def texts_of(part: bytes | tuple[int, int]) -> Sequence[bytes | memoryview]:
        texts = [part] if isinstance(part, bytes) else lines.texts(*part)
        return [gzip.compress(b"".join(texts), 6, mtime=0)] if compressed else texts

    advance = stage("writing ARPA", len(parts))
    for texts in map_in_order(texts_of, parts, workers):
        advance(1)
        for text in texts:
            stream.write(text)
        model.scratch.release()


class NgramLineWriter:
    """Turns the n-grams of a model into lines, piece by piece.

    A line ends where the next one begins: each probability has a newline before it, and each word and backoff what separates it
    from what stands before.
    """

    def __init__(self, model: NgramModel, listed: NDArray[np.int64]) -> None:
        """listed: the unigrams to write."""
        import pyarrow as pa

        self._orders, self._listed = model.orders, listed
        self._log10_probs, self._log10_backoffs = model.log10_probs, model.log10_backoffs
        words = as_texts(model.vocabulary.arrow_words())
        self._words = pa.concat_arrays(
            [preceded("\t", words), preceded(" ", words)]
        )  # as the first of a line, as later ones
        self._later = len(words)  # where these begin

    def texts(self, k: int, first: int) -> list[memoryview]:
        """The lines of up to WRITE_PIECE k-grams from `first` on."""
        last = min(first + WRITE_PIECE, len(self._orders[k - 1]))
        return [self._text(k, start, min(start + GATHERED, last)) for start in range(first, last, GATHERED)]

    def _text(self, k: int, first: int, last: int) -> memoryview:
        """The lines of the k-grams first <= entry < last, which must not be none."""
        pool = Pool()
        fields = [
            place_log10_probs(pool, self._log10_probs[k - 1][first:last]),
            *self._place_words(pool, k, first, last),
        ]
        if k <= len(self._log10_backoffs):
            fields.append(place_log10_backoffs(pool, self._log10_backoffs[k - 1][first:last]))
        if k == 1:
            here = self._listed[(self._listed >= first) & (self._listed < last)] - first
            fields = [field.take(here) for field in fields]
        return pool.text(fields, b"\n")[1:]

    def _place_words(self, pool: Pool, k: int, first: int, last: int) -> list[Places]:
        """Put the words of the k-grams first <= entry < last into the pool: many share the first two, which are one text."""
        whole = 2 if k > 2 else 1
        beginnings, *words = ngram_words(self._orders, k, first, last, whole)
        low, high = beginnings[[0, -1]].tolist()
        texts = self._words[low : high + 1] if whole == 1 else self._pairs(low, high + 1)
        fields = [beginnings + (pool.add(texts) - low)]
        if words:
            start = pool.add(self._words[self._later :])
            fields += [column + start for column in words]
        return [field.astype(np.int32, copy=False) for field in fields]

    def _pairs(self, first: int, last: int) -> "pa.Array[Any]":
        """The texts of the 2-grams first <= entry < last."""
        words, later = ngram_words(self._orders, 2, first, last)
        return joined(self._words, [words.astype(np.int32), (later + self._later).astype(np.int32)])


def preceded(mark: str, texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """The texts with a mark before each."""
    return join_columns([text_to_arrow(mark), texts], "")


def place_log10_probs(pool: Pool, values: FloatArray) -> Places:
    """Put the probabilities into the pool."""
    usual = are_usual(values)
    if usual.any():
        places = pool.add_padded(*negative_decimals(np.where(usual, values, USUAL)))
    else:
        places = np.empty(len(values), np.int32)
    others = np.flatnonzero(~usual)
    if len(others):
        start = pool.add(preceded("\n", log10_as_text(values.take(others))))
        places[others] = np.arange(start, start + len(others))
    return places


def place_log10_backoffs(pool: Pool, values: FloatArray) -> Places:
    """Put the backoffs into the pool: there are few distinct ones, and only these are turned into text."""
    distinct = call_arrow("dictionary_encode", to_arrow(values))
    start = pool.add(preceded("\t", log10_as_text(to_numpy(distinct.dictionary))))
    return to_numpy(distinct.indices) + np.int32(start)


def log10_as_text(values: FloatArray) -> "pa.Array[Any]":
    """The shortest decimals that give the values back; -99 for -inf."""
    zero = values.dtype.type(0)  # added, it makes -0 a 0
    return numbers_as_text(np.where(np.isneginf(values), values.dtype.type(LOG10_ZERO), values) + zero)
