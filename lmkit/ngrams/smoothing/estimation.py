"""From counts to a backoff model, order by order: what all smoothings that discount counts share.

A smoothing is a rule that gives each history's n-grams the probabilities f(w|h) that their counts deserve, and the
weight γ(h) = 1 − Σ f(w|h) of the order below. The forms of model that come of it
(Chen & Goodman 1998, section 2.8, has the first two):

interpolated   p(w|h) = f(w|h) + γ(h) p(w|h′) of every word
backed-off     p(w|h) = f(w|h) of words seen after h, else γ(h) p(w|h′) / Σ p(v|h′) over the v not seen after h

scores         p(w|h) = f(w|h) of words seen after h, else γ(h) p(w|h′): no distribution

where h′ is h without its first word. Below order 1 stands the uniform distribution 1/V over the events; a backed-off
order 1 shares γ among the events to which their counts give nothing, or among all events if there are none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray, IndexArray
from lmkit.engine.kernels import row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.progress import stage
from lmkit.engine.scratch import Scratch
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel, Precision, float_dtype, log10
from lmkit.ngrams.backoff.normalization import backoff_weights, nothing_left
from lmkit.ngrams.backoff.selection import select_ngrams
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.smoothing.counted_evidence import CountedEvidence, ValuesOf
from lmkit.ngrams.trie.orders import Order
from lmkit.scoring.traits import Traits
from lmkit.signature import openness, smoothing_of
from lmkit.text.vocabulary import BOS, events_mask

BESIDE = 150 << 20  # bytes of the program itself, the vocabulary and pieces of arrays
COUNTED_NGRAMS = 1_000_000  # models of up to so many n-grams keep their counts, for explanations
Form = Literal["interpolated", "backed-off", "scores"]


@dataclass(frozen=True, eq=False)
class CountedRows:
    """The n-grams of some whole histories with their counts."""

    values: CountArray  # (n-grams,) counts as stored
    counts: NDArray[np.float64]  # (n-grams,) the same, which a rule may overwrite
    bounds: IndexArray  # (histories + 1,) where the n-grams of each history begin
    totals: NDArray[np.float64]  # (histories,) their counts added up; 1 where that is 0

    def of_ngrams(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n-grams,) the value (histories,) of the history of each."""
        return values.take(row_numbers(self.bounds))

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(histories,) the values (n-grams,) of each history added up."""
        return row_sums(self.bounds, values)


Rule = Callable[[CountedRows], tuple[NDArray[np.float64], NDArray[np.float64]]]  # f (n-grams,) and γ (histories,)


class EstimationOptions(TypedDict, total=False):
    """What all smoothings can be told."""

    closed: bool  # <unk> is no event (default: it is one)
    precision: Precision  # of the stored log10 values: single (default) or double
    prune: Sequence[int]  # for each order, the last for higher ones, too: n-grams seen at most so often are dropped
    keep_counts: bool | None  # keep the counts in the model, for explanations (default: up to COUNTED_NGRAMS n-grams)
    workers: int | None  # threads (default: the number of cores)
    memory: int | None  # bytes beyond which files in `tmp` are used (default: no limit)
    tmp: str | Path | None


@dataclass(frozen=True, eq=False)
class Smoothed:
    """The estimates of one order."""

    probs: NDArray[np.float64]  # (n-grams,); of the highest order, which no other builds on, none
    log10_probs: FloatArray  # (n-grams,)
    log10_backoffs: FloatArray  # (histories,) log10 of what the order below is multiplied with


def estimate_model(
    counts: NgramCounts,
    values_of: ValuesOf,
    rule_of: Callable[[Chain, int, CountArray], Rule],
    details: dict[str, Any],
    parameters: dict[str, Any],
    *,
    traits: Traits,
    form: Form = "interpolated",
    **options: Unpack[EstimationOptions],
) -> NgramModel:
    """The model of a smoothing.

    values_of: the counts of the n-grams of a length that the smoothing looks at, raw or adjusted, without those of
    <s>. rule_of: its rule for that length, from the counts of all that was counted (see `CountedEvidence`); it may put what it
    estimates into `details` and `parameters`, which are read at the end. traits: those of all its models.
    """
    closed, precision, workers = (
        options.get("closed", False),
        options.get("precision", "single"),
        options.get("workers"),
    )
    evidence = CountedEvidence.of(counts, closed=closed)
    counts = evidence.model
    chain, scratch = (
        counts.chain,
        estimation_scratch(counts.chain, precision, options.get("memory"), options.get("tmp")),
    )
    kept = kept_by_count(chain, options.get("prune", ()))
    events = events_mask(len(counts.vocabulary), closed)
    lower: NDArray[np.float64] = events / events.sum()  # order 0: uniform over the events
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []
    counted: list[CountArray] = []
    for length, order in enumerate(chain.orders, start=1):
        looked_at = evidence.values(values_of, length, scratch)
        values = evidence.of_model(looked_at, length, scratch)
        if kept is None and counts_are_kept(chain, options):
            counted.append(compact(values))
        work = OrderWork(
            order,
            values,
            None if kept is None else kept[length - 1],
            rule_of(evidence.whole, length, looked_at),
            lower,
            chain.suffixes[length - 1] if length > 1 else np.arange(len(order), dtype=np.int32),
            form,
            events if length == 1 else None,
        )
        smoothed = work.run(precision, scratch, workers, highest=length == counts.order)
        log10_probs.append(smoothed.log10_probs)
        log10_backoffs.append(smoothed.log10_backoffs)
        lower = smoothed.probs
    details = {"smoothing": smoothing_of(details)} | openness(closed) | details
    if kept is not None:
        details |= {"prune": ",".join(map(str, options.get("prune", ())))}
    model = NgramModel(
        counts.vocabulary,
        counts.settings,
        details | counts.details() | {"precision": precision},
        counts.orders,
        tuple(log10_probs),
        tuple(log10_backoffs[1:]),
        traits,
        closed,
        parameters=parameters,
        counts=tuple(counted) if counted else None,
        scratch=scratch,
    )
    return model if kept is None else select_ngrams(model, kept)


@dataclass(frozen=True, eq=False)
class OrderWork:
    """One order and all that its estimation looks at."""

    order: Order
    values: CountArray  # (n-grams,) the counts that the rule looks at
    kept: NDArray[np.bool_] | None  # (n-grams,) which n-grams the model will keep; None: all
    rule: Rule
    lower: NDArray[np.float64]  # (n-grams below,) the probabilities one order down
    suffixes: IndexArray  # (n-grams,) where to find them there
    form: Form
    events: NDArray[np.bool_] | None  # (words,) what can be predicted, at order 1

    def run(self, precision: Precision, scratch: Scratch, workers: int | None, *, highest: bool) -> Smoothed:
        """The estimates, made in `scratch`.

        The work is done in pieces that fit the caches, cut between rows, so that the figures do not depend on the
        pieces or the threads.
        """
        order, dtype = self.order, float_dtype(precision)
        probs = scratch.allocate(0 if highest else len(order), np.float64)
        logs, backoffs = scratch.allocate(len(order), dtype), scratch.allocate(len(order.indptr) - 1, dtype)

        def estimate_piece(rows: tuple[int, int]) -> int:
            """The estimates of a range of rows; returns how many n-grams they hold."""
            first, last = rows
            entries = slice(*(int(bound) for bound in order.indptr[[first, last]]))
            bounds = order.indptr[first : last + 1] - order.indptr.dtype.type(entries.start)
            own, row_backoffs = self.shares(entries, bounds)
            if not highest:
                probs[entries] = own
            logs[entries] = log10(own)
            backoffs[first:last] = log10(row_backoffs)
            return len(own)

        doing = {"interpolated": "interpolating", "backed-off": "discounting", "scores": "scoring"}[self.form]
        advance = stage(f"{doing} {len(order):,} n-grams", len(order))
        for done in map_in_order(estimate_piece, row_pieces(order.indptr), workers):
            advance(done)
            scratch.release()
        return Smoothed(probs, logs, backoffs)

    def shares(self, entries: slice, bounds: IndexArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The probabilities of the n-grams of some whole rows, and the backoffs of these rows."""
        values = self.values[entries]
        counts = values.astype(np.float64)
        totals = row_sums(bounds, counts)
        counted = totals > 0  # a row can be without counts: nothing follows </s>, or only <unk>, which was taken out
        totals[~counted] = 1.0
        own, weights = self.rule(CountedRows(values, counts, bounds, totals))
        if self.form == "scores":
            return own, weights
        weights[~counted] = 1.0
        if self.kept is not None:
            dropped = ~self.kept[entries]
            weights += row_sums(bounds, own * dropped)
            np.copyto(own, 0.0, where=dropped)
        lower = self.lower.take(self.suffixes[entries])
        if self.form == "interpolated":
            lower *= weights.take(row_numbers(bounds))
            own += lower
        elif self.events is not None:
            uncounted = self.events & (own == 0)
            sharing = uncounted if uncounted.any() else self.events
            own[sharing] += weights[0] / np.count_nonzero(sharing)
        else:
            seen = lower if self.kept is None else np.where(dropped, 0.0, lower)
            unseen = 1.0 - row_sums(bounds, seen)
            weights, shares = backoff_weights(weights, unseen, nothing_left(own.dtype), np.diff(bounds) > 0)
            if (shares != 1.0).any():
                own *= (1.0 / shares).take(row_numbers(bounds))
            if self.kept is not None:
                np.copyto(own, lower * weights.take(row_numbers(bounds)), where=dropped)
        return np.minimum(own, 1.0, out=own), weights


def form_of(interpolated: bool) -> Form:
    """The form of a smoothing that has both."""
    return "interpolated" if interpolated else "backed-off"


def raw_counts(chain: Chain, length: int, _scratch: Scratch) -> CountArray:
    """The counts of the n-grams of a length as they are; that of <s>, which is never predicted, is 0."""
    counts: CountArray = chain.counts[length - 1]
    if length == 1:
        counts = counts.copy()
        counts[BOS] = 0
    return counts


def kept_by_count(chain: Chain, thresholds: Sequence[int]) -> list[NDArray[np.bool_]] | None:
    """For each order, which n-grams (n-grams,) are seen more often than the threshold; None if all are.

    UsageError for thresholds that would leave n-grams without their histories.
    """
    if not any(thresholds):
        return None
    if thresholds[0] != 0 or list(thresholds) != sorted(thresholds):
        raise UsageError(
            f"the thresholds of pruning are {','.join(map(str, thresholds))}; they must begin with 0 and never fall.",
            "Write them as 0,0,1: words stay, and n-grams of order 3 and more seen once are dropped. --cutoff limits words.",
        )
    last = len(thresholds) - 1
    kept = [counts > thresholds[min(k, last)] for k, counts in enumerate(chain.counts)]
    kept[0][:] = True
    return kept


def counts_are_kept(chain: Chain, options: EstimationOptions) -> bool:
    """Whether a model keeps the counts it is estimated from: as asked, else if there are few."""
    asked = options.get("keep_counts")
    return asked if asked is not None else sum(map(len, chain.orders)) <= COUNTED_NGRAMS


def estimation_scratch(chain: Chain, precision: Precision, memory: int | None, tmp: str | Path | None) -> Scratch:
    """The scratch for a model of these counts. memory: bytes that the program is to hold at most; None: no limit."""
    if memory is None or estimation_bytes(chain, precision) <= memory:
        return chain.scratch
    return chain.scratch.on_disk(tmp, memory // 2)


def estimation_bytes(chain: Chain, precision: Precision) -> int:
    """About how much memory the estimation of a model needs, its counts included."""
    sizes = [len(order) for order in chain.orders]
    structure = sum(order.indices.nbytes + order.indptr.nbytes for order in chain.orders)
    counted = sum(array.nbytes for array in (*chain.suffixes, *chain.counts))
    stored = np.dtype(float_dtype(precision)).itemsize * (sum(sizes) + sum(sizes[:-1]))
    lower = 8 * sum(sizes[-3:-1]) + 4 * max(sizes)  # probabilities of two orders, adjusted counts of one
    return structure + counted + stored + lower + BESIDE
