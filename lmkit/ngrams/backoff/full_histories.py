"""Models that look at full histories only, maximum likelihood and additive ones, and the same as models that back off.

A history is full if it has n−1 words or begins with <s>; where sentences have no marks, if it has n−1 words or all that stand before in
the sentence. Each order of such a model holds its own estimates, which are those after
histories of that length; none leans on a shorter one. After h, a word that is not stored has the share γ(h) of what every
word has after a history that was not seen: 1/V, or 0 in maximum likelihood. γ(h) is the backoff of h.
"""

from dataclasses import replace

from lmkit.engine.arrays import FloatArray
from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.trie.orders import bos_ends
from lmkit.ngrams.values.interpolated import lowest_probs
from lmkit.ngrams.values.protocol import log10
from lmkit.ngrams.values.stored import StoredValues
from lmkit.text.settings import has_marks


def unseen_log10_probs(model: NgramModel) -> FloatArray:
    """(types,) log10 p(w|h) of every word after a history that was not seen, of a model that looks at full histories only."""
    marks = has_marks(model.settings)
    probs = lowest_probs(len(model.vocabulary), closed=model.closed, marks=marks, smoothed=model.traits.is_smoothed)
    return log10(probs).astype(model.values.word_log10_probs.dtype)


def backing_off(model: NgramModel) -> NgramModel:
    """The model as one that backs off, with the same probabilities after full histories; other models are what they were.

    DataError if n-grams do not show which histories are full.
    """
    if not model.traits.full_histories_only:
        return model
    if model.order > 1 and not has_marks(model.settings):
        raise DataError(
            f"{model.smoothing.replace('-', ' ')} of n-grams without sentence marks (--no-sentence-marks) is no model that backs off.",
            "After the first words of a line it is another one than after the same words further on. Use another smoothing, or order 1.",
        )
    return model.backing_off


def of_shorter_histories(model: NgramModel) -> NgramModel:
    """The same model of one order less."""
    order = model.order - 1
    return replace(model, orders=model.orders[:order], values=model.values.up_to(order))


def for_drawing(model: NgramModel) -> NgramModel:
    """The model as one that backs off, with all the digits that it has. Sentences begin with <s>: all histories are full."""
    if not model.traits.full_histories_only:
        return model
    return made_backing_off(replace(model, values=model.values.exact()))


def in_text(model: NgramModel) -> NgramModel:
    """The model as text is scored with it. One that is kept as counts knows itself which histories are full."""
    is_stored = isinstance(model.values, StoredValues)
    return model.backing_off if is_stored and model.traits.full_histories_only else model


def made_backing_off(model: NgramModel) -> NgramModel:
    """A model that looks at full histories only as one that backs off.

    A backoff model has one value for an n-gram as what is stored after a short history, and as what longer ones back off to. Here it
    is the latter: lower orders repeat the probability of unseen words, and short histories have a backoff of 1; but for
    n-grams that begin with <s>, whose histories are full.
    """
    unseen, begin_with_bos = unseen_log10_probs(model), bos_ends(model.orders)
    log10_probs, log10_backoffs = list(model.log10_probs), list(model.log10_backoffs)
    for place, order in enumerate(model.orders[:-1]):
        own = begin_with_bos[place] if place else 0  # words alone follow the empty history
        log10_probs[place] = with_tail(model, log10_probs[place], own, unseen.take(order.indices[own:]))
    for place, backoffs in enumerate(model.log10_backoffs[:-1]):
        log10_backoffs[place] = with_tail(model, backoffs, begin_with_bos[place], 0.0)
    traits = replace(model.traits, full_histories_only=False)
    return model.with_values(log10_probs, log10_backoffs, traits=traits)


def with_tail(model: NgramModel, values: FloatArray, first: int, tail: FloatArray | float) -> FloatArray:
    """A copy of the values with others from `first` on, made where the arrays of the model are."""
    found: FloatArray = model.scratch.allocate(len(values), values.dtype)
    found[:first] = values[:first]
    found[first:] = tail
    model.scratch.release()
    return found
