"""Models and counts for another vocabulary."""

from dataclasses import dataclass

import numpy as np

from lmkit.engine.kernels import row_numbers
from lmkit.engine.resources import Resources
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.normalization import normalize_backoffs
from lmkit.ngrams.backoff.selection import select_rows
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.protocol import log10
from lmkit.scoring.mixture import check_distribution
from lmkit.text.limits import why_unknown
from lmkit.text.vocabulary import FIRST_WORD, UNK, Vocabulary


@dataclass(frozen=True, eq=False)
class Restricted:
    """A model of fewer words."""

    model: NgramModel
    dropped: int  # words of the model that are not in the vocabulary
    missing: int  # words of the vocabulary that the model does not know


def restrict(model: NgramModel, vocabulary: Vocabulary, resources: Resources = Resources()) -> Restricted:
    """The model for the words of a vocabulary: all others become unknown words.

    N-grams with other words are dropped, and the probability of these words as unigrams goes to <unk>; in a closed vocabulary it is shared
    out in proportion. Backoffs are made anew, so that the probabilities after each history sum to 1.
    DataError if no word would be left, and for what is no distribution.
    """
    model = ngram_model(model, "restricted")
    check_distribution(model, "restricted")
    model = backing_off(model)
    wanted = set(vocabulary.words[FIRST_WORD:])
    words = model.vocabulary.words
    kept = np.fromiter((place < FIRST_WORD or word in wanted for place, word in enumerate(words)), bool, len(words))
    left = int(np.count_nonzero(kept)) - FIRST_WORD
    if not left:
        raise DataError("the model knows no word of the vocabulary.", why_unknown(vocabulary))
    new_ids = np.cumsum(kept, dtype=np.int32) - 1
    probs = 10.0 ** model.log10_probs[0].astype(np.float64)
    gone = float(probs[~kept].sum())
    if model.closed:
        probs /= 1.0 - gone
    else:
        probs[UNK] += gone
    masks = [kept]
    orders = [
        Order(np.array([0, int(kept.sum())], model.orders[0].indptr.dtype), np.arange(int(kept.sum()), dtype=np.int32))
    ]
    log10_probs = [log10(probs[kept]).astype(model.log10_probs[0].dtype)]
    for order, values in zip(model.orders[1:], model.log10_probs[1:], strict=True):
        mask = masks[-1].take(row_numbers(order.indptr)) & kept.take(order.indices)
        selected = select_rows(order, masks[-1], mask)
        orders.append(Order(selected.indptr, new_ids.take(selected.indices)))
        log10_probs.append(values[mask])
        masks.append(mask)
    log10_backoffs, normalized = normalize_backoffs(orders, int(kept.sum()), log10_probs, resources.workers)
    restricted = model.with_values(
        normalized,
        [values.astype(log10_probs[0].dtype) for values in log10_backoffs],
        vocabulary=Vocabulary.from_words(word for word, keep in zip(words, kept, strict=True) if keep),
        orders=tuple(orders),
        details=model.details | {"restricted": left},
    )
    missing = len(wanted) - left
    return Restricted(restricted, int(np.count_nonzero(~kept)), missing)
