"""Opening files for what is done to n-grams, whatever these are of: of words, or of classes of words, within counts or a model of words.

What is done is done to the n-grams, and put back: see `lmkit.ngrams.within`.
"""

from typing import Any

from lmkit.families import other_family
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.recounting import counts_in, holds_counts
from lmkit.ngrams.values.protocol import Precision
from lmkit.ngrams.within import AroundNgrams, ngrams_in
from lmkit.storage import load_unopened
from lmkit.text.sources.names import Place, source_name


def load_ngrams(
    path: Place,
    *,
    precision: Precision | None = None,
    unknown_word: str | None = None,
    needed: str = "n-gram counts or a model are needed",
) -> Any:
    """The counts or the model of n-grams of a file (see `lmkit.load`), with what is around them. DataError for other families. needed: what is, in words."""
    value = load_unopened(path, precision=precision, unknown_word=unknown_word)
    if not isinstance(ngrams_in(value), NgramModel | NgramCounts):
        raise other_family(source_name(path), value, needed)
    return value


def load_history(path: Place) -> Any:
    """What tells how frequent histories are: the counts in a file, also those of a model, or an n-gram model (see `load_ngrams`)."""
    value = load_ngrams(path)
    ngrams = ngrams_in(value)
    if not isinstance(ngrams, NgramModel) or not holds_counts(ngrams):
        return value
    return put_back(value, counts_in(ngrams, source_name(path)))


def load_smoothable(path: Place) -> Any:
    """The counts of n-grams of a file, also of a model that is kept as counts, with what is around them. DataError if it holds none."""
    value = load_unopened(path)
    ngrams = ngrams_in(value)
    if isinstance(ngrams, NgramModel):
        ngrams = counts_in(ngrams, source_name(path))
    if not isinstance(ngrams, NgramCounts):
        raise other_family(source_name(path), value, "n-gram counts are needed")
    return put_back(value, ngrams)


def put_back(value: Any, ngrams: NgramModel | NgramCounts) -> Any:
    """N-grams within what they were in; themselves, if that was nothing."""
    return value.with_inner(ngrams) if isinstance(value, AroundNgrams) else ngrams
