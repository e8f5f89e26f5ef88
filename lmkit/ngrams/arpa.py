r"""Writing ARPA files, the text format in which n-gram tools exchange backoff models.

Written is what KenLM's and SRILM's readers accept. lmkit adds one comment line above \data\ with its settings, which
both readers skip.
"""

import json
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.columns import as_lines, numbers_as_text
from lmkit.corpus.vocabulary import UNK
from lmkit.ngrams.model import NgramModel
from lmkit.ngrams.orders import ngram_texts
from lmkit.sparse import FloatArray
from lmkit.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

LOG10_ZERO = -99.0  # what stands for the log10 of 0
COMMENT = b"# lmkit "
WRITE_PIECE = 1 << 17  # n-grams turned into text at a time


def write_arpa(model: NgramModel, stream: IO[bytes]) -> None:
    """Write the model; <s> and probabilities of 0 get -99."""
    import pyarrow as pa

    settings = None if model.settings is None else model.settings.as_dict()
    comment = {"version": __version__, "details": model.details, "parameters": model.parameters, "settings": settings}
    stream.write(COMMENT + json.dumps(comment, ensure_ascii=False).encode() + b"\n\n\\data\\\n")
    listed = unigrams_listed(model)
    sizes = [len(listed), *map(len, model.orders[1:])]
    stream.writelines(b"ngram %d=%d\n" % (k, size) for k, size in enumerate(sizes, start=1))
    words = model.vocabulary.to_arrow().cast(pa.large_string())
    for k in range(1, model.order + 1):
        stream.write(b"\n\\%d-grams:\n" % k)
        for first in range(0, len(model.orders[k - 1]), WRITE_PIECE):
            last = min(first + WRITE_PIECE, len(model.orders[k - 1]))
            texts = ngram_texts(model.orders, words, k, first, last)
            columns = [log10_as_text(model.log10_probs[k - 1][first:last]), texts]
            if k < model.order:
                columns.append(log10_as_text(model.log10_backoffs[k - 1][first:last]))
            if k == 1:
                here = pa.array(listed[(listed >= first) & (listed < last)] - first)
                columns = [column.take(here) for column in columns]
            stream.write(as_lines(columns))
    stream.write(b"\n\\end\\\n")


def unigrams_listed(model: NgramModel) -> NDArray[np.int64]:
    """The unigrams to write: all, but for <unk> when it is no event and stands in no n-gram."""
    listed = np.arange(len(model.vocabulary))
    used = any((order.indices == UNK).any() for order in model.orders[1:])
    return np.delete(listed, UNK) if model.closed and not used else listed


def log10_as_text(values: FloatArray) -> "pa.Array[Any]":
    """The shortest decimals that give the values back; -99 for -inf."""
    zero = values.dtype.type(0)  # added, it makes -0 a 0
    return numbers_as_text(np.where(np.isneginf(values), values.dtype.type(LOG10_ZERO), values) + zero)
