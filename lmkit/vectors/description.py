"""What is in a file of word vectors, as figures."""

from typing import Any

import numpy as np

from lmkit.engine.kernels import call_arrow
from lmkit.signature import stated
from lmkit.vectors.files.gathering import REPEATED
from lmkit.vectors.word_vectors import WordVectors

FIRST = 10  # words that are shown


def describe_vectors(vectors: WordVectors) -> dict[str, Any]:
    """Words, dimensions, the method, lengths of the vectors, how many are zero, words that come twice, arrays that training goes on from, the signature; JSON values only."""
    norms = vectors.norms
    distinct = len(call_arrow("unique", vectors.words.arrow_words()))
    return {
        "words": len(vectors),
        "dimensions": vectors.dimensions,
        "method": vectors.method,
        "first_words": [word.decode() for word in vectors.words.arrow_words()[:FIRST].to_pylist()],
        "norm": {"min": float(norms.min()), "median": float(np.median(norms)), "max": float(norms.max())},
        "zero_vectors": int(np.count_nonzero(norms == 0)),
        "repeated_words": len(vectors) - distinct + stated(vectors.details, REPEATED, 0),
        "state": sorted(vectors.state),
        "signature": vectors.signature(),
    }
