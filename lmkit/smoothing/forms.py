"""The forms of model that come of a smoothing's f(w|h) and γ(h) (Chen & Goodman 1998, section 2.8, has the first two).

interpolated    p(w|h) = f(w|h) + γ(h) p(w|h′) of every word
backed-off      p(w|h) = f(w|h) of words seen after h, else γ(h) p(w|h′) / Σ p(v|h′) over the v not seen after h
scores          p(w|h) = f(w|h) of words seen after h, else γ(h) p(w|h′): no distribution
full-histories  p(w|h) = f(w|h) + γ(h) / V of every word

where h′ is h without its first word. Below order 1 stands the uniform distribution 1/V over the events; a backed-off
order 1 shares γ among the events to which their counts give nothing, or among all events if there are none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.sparse import row_sums
from lmkit.ngrams.backoff.normalization import backoff_weights, nothing_left
from lmkit.smoothing.counted_rows import Shares
from lmkit.smoothing.registry import Form


@dataclass(frozen=True, eq=False)
class SharedOut:
    """Some whole rows as a rule shared them out; the arrays may be overwritten."""

    own: NDArray[np.float64]  # (n-grams,) f; 0 of those that are dropped
    weights: NDArray[np.float64]  # (histories,) γ, with what was dropped
    bounds: IndexArray  # (histories + 1,) where the n-grams of each history begin
    lower: NDArray[np.float64] | None  # (n-grams,) p(w|h′), where a form looks below
    dropped: NDArray[np.bool_] | None  # (n-grams,) those that the model will not keep; None: it keeps all
    events: NDArray[np.bool_] | None  # (words,) what can be predicted, at order 1


@dataclass(frozen=True)
class ModelForm:
    """How f and γ become the probabilities and backoffs of a model."""

    share_out: Callable[[SharedOut], Shares]
    doing: str  # the stage of so many n-grams
    looks_below: bool = True  # it needs the probabilities one order down
    adds_up: bool = True  # the probabilities after a history sum to 1


def interpolated(rows: SharedOut) -> Shares:
    """F + γ p(w|h′)."""
    lower = below(rows)
    lower *= rows.weights.take(row_numbers(rows.bounds))
    own = rows.own
    own += lower
    return np.minimum(own, 1.0, out=own), rows.weights


def backed_off(rows: SharedOut) -> Shares:
    """f, and of unseen words what is left, shared out as the order below has it."""
    if rows.events is not None:
        return backed_off_words(rows, rows.events)
    own, bounds, lower = rows.own, rows.bounds, below(rows)
    seen = lower if rows.dropped is None else np.where(rows.dropped, 0.0, lower)
    unseen = 1.0 - row_sums(bounds, seen)
    weights, shares = backoff_weights(rows.weights, unseen, nothing_left(own.dtype), np.diff(bounds) > 0)
    if (shares != 1.0).any():
        own *= (1.0 / shares).take(row_numbers(bounds))
    if rows.dropped is not None:
        np.copyto(own, lower * weights.take(row_numbers(bounds)), where=rows.dropped)
    return np.minimum(own, 1.0, out=own), weights


def backed_off_words(rows: SharedOut, events: NDArray[np.bool_]) -> Shares:
    """The same at order 1, with nothing below."""
    own = rows.own
    uncounted = events & (own == 0)
    sharing = uncounted if uncounted.any() else events
    own[sharing] += rows.weights[0] / np.count_nonzero(sharing)
    return np.minimum(own, 1.0, out=own), rows.weights


def scores(rows: SharedOut) -> Shares:
    """F and γ as they are."""
    return rows.own, rows.weights


def below(rows: SharedOut) -> NDArray[np.float64]:
    """(n-grams,) p(w|h′)."""
    assert rows.lower is not None, "a form that looks below is given what is there"  # noqa: S101
    return rows.lower


FORMS: dict[Form, ModelForm] = {  # of models that store probabilities
    "interpolated": ModelForm(interpolated, "interpolating {number:,} n-grams"),
    "backed-off": ModelForm(backed_off, "discounting {number:,} n-grams"),
    "scores": ModelForm(scores, "scoring {number:,} n-grams", looks_below=False, adds_up=False),
}
