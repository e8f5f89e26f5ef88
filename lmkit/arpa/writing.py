r"""Writing ARPA files, the text format in which n-gram tools exchange backoff models.

Written is what KenLM's and SRILM's readers accept. lmkit adds one comment line above \data\ with its settings, which
both readers skip.
"""

import gzip
import json
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.arrow import text_to_arrow, to_arrow, to_numpy
from lmkit.engine.columns import as_texts, join_columns, numbers_as_text, text_bytes, texts_at
from lmkit.engine.kernels import call_arrow
from lmkit.engine.progress import stage
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.trie.orders import ngram_words
from lmkit.text.vocabulary import UNK
from lmkit.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

LOG10_ZERO = -99.0  # what stands for the log10 of 0
COMMENT = b"# lmkit "
WRITE_PIECE = 1 << 17  # n-grams turned into text at a time


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
    words = word_columns(model)

    def text_of(part: bytes | tuple[int, int]) -> Any:
        text = part if isinstance(part, bytes) else ngram_lines(model, words, listed, *part)
        return gzip.compress(text, 6, mtime=0) if compressed else text

    advance = stage("writing ARPA", len(parts))
    for text in map_in_order(text_of, parts, workers):
        advance(1)
        stream.write(text)
        model.scratch.release()


def word_columns(model: NgramModel) -> "dict[str, pa.Array[Any]]":
    """The words by id, each with what stands before or after it in a line."""
    words = as_texts(model.vocabulary.to_arrow())
    marks = {"first": ("\t", ""), "middle": (" ", ""), "last": (" ", "\n"), "only": ("\t", "\n")}
    return {
        place: join_columns([text_to_arrow(before), words, text_to_arrow(after)], "")
        for place, (before, after) in marks.items()
    }


def ngram_lines(
    model: NgramModel, words: "dict[str, pa.Array[Any]]", listed: NDArray[np.int64], k: int, first: int
) -> memoryview:
    """The lines of up to WRITE_PIECE k-grams from `first` on. listed: the unigrams to write."""
    highest = k == model.order
    places = slice(first, min(first + WRITE_PIECE, len(model.orders[k - 1])))
    ids = ngram_words(model.orders, k, places.start, places.stop)
    columns = [log10_as_text(model.log10_probs[k - 1][places])]
    for position, column in enumerate(ids, start=1):
        is_last = position == k and highest  # else a backoff comes last
        place = ("only" if is_last else "first") if position == 1 else "last" if is_last else "middle"
        columns.append(texts_at(words[place], column))
    if not highest:
        columns.append(backoffs_as_text(model.log10_backoffs[k - 1][places]))
    if k == 1:
        here = listed[(listed >= places.start) & (listed < places.stop)] - first
        columns = [texts_at(column, here) for column in columns]
    return text_bytes(join_columns(columns, ""))


def unigrams_listed(model: NgramModel) -> NDArray[np.int64]:
    """The unigrams to write: all, but for <unk> when it is no event, stands in no n-gram, and has no backoff."""
    listed = np.arange(len(model.vocabulary))
    begins = model.order > 1 and model.orders[1].indptr[UNK] < model.orders[1].indptr[UNK + 1]
    used = begins or any((order.indices == UNK).any() for order in model.orders[1:])
    used |= any(backoffs[UNK] != 0 for backoffs in model.log10_backoffs[:1])
    return np.delete(listed, UNK) if model.closed and not used else listed


def log10_as_text(values: FloatArray) -> "pa.Array[Any]":
    """The shortest decimals that give the values back; -99 for -inf."""
    zero = values.dtype.type(0)  # added, it makes -0 a 0
    return numbers_as_text(np.where(np.isneginf(values), values.dtype.type(LOG10_ZERO), values) + zero)


def backoffs_as_text(values: FloatArray) -> "pa.Array[Any]":
    """Backoffs as the end of a line. There are few distinct ones, and only these are turned into text."""
    distinct = call_arrow("dictionary_encode", to_arrow(values))
    texts = log10_as_text(to_numpy(distinct.dictionary))
    lines: pa.Array[Any] = call_arrow(
        "take", join_columns([text_to_arrow("\t"), texts, text_to_arrow("\n")], ""), distinct.indices
    )
    return lines
