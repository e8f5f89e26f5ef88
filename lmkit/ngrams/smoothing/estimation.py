"""From counts to a model, order by order: what all smoothings share.

A smoothing is a rule that gives each history's n-grams the probabilities f(w|h) that their counts deserve, and the
weight γ(h) = 1 − Σ f(w|h) of the order below; its `Rules` say which. What form of model comes of them: see `forms`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel, Precision, float_dtype
from lmkit.ngrams.backoff.selection import select_ngrams
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.smoothing.adjusted_counts import adjust_counts
from lmkit.ngrams.smoothing.counted_evidence import CountedEvidence, ValuesOf, raw_counts
from lmkit.ngrams.smoothing.counted_rows import CountedOrder
from lmkit.ngrams.smoothing.options import COUNTED_NGRAMS, Estimation
from lmkit.ngrams.smoothing.order_work import OrderWork
from lmkit.ngrams.smoothing.registry import Counted, Rules, Smoothing
from lmkit.signature import openness
from lmkit.text.vocabulary import events_mask

BESIDE = 150 << 20  # bytes of the program itself, the vocabulary and pieces of arrays
VALUES_OF: dict[Counted, ValuesOf] = {"raw": raw_counts, "adjusted": adjust_counts}


@dataclass(frozen=True, eq=False)
class Estimated:
    """What was estimated, order by order."""

    log10_probs: list[FloatArray]  # (n-grams,) of each order
    log10_backoffs: list[FloatArray]  # (histories,) of each order: those of order 1 weigh nothing that is stored
    counted: list[CountArray]  # (n-grams,) of each order, what it was estimated from


def estimate_model(smoothing: Smoothing, counts: NgramCounts, options: Estimation) -> NgramModel:
    """The model of a smoothing. UsageError where n-grams are to be dropped, and nothing would stand in for them."""
    if any(options.prune) and not smoothing.can_drop_ngrams:
        raise UsageError(
            f"{smoothing.name} smoothing cannot be pruned by counts: it has no lower order for what is dropped.",
            "Use another smoothing, or limit the words with a cutoff.",
        )
    rules = smoothing.rules(counts, options)
    evidence = CountedEvidence.of(counts, closed=options.closed)
    chain = evidence.model.chain
    kept = kept_by_count(chain, options.prune)
    scratch = estimation_scratch(chain, options)
    estimated = estimate_orders(smoothing, rules, evidence, options, kept, scratch)
    model = NgramModel(
        evidence.model.vocabulary,
        evidence.model.settings,
        details_of(smoothing, rules, counts, options),
        chain.orders,
        tuple(estimated.log10_probs),
        tuple(estimated.log10_backoffs[1:]),
        rules.traits or smoothing.traits,
        options.closed,
        parameters=rules.parameters,
        counts=tuple(estimated.counted) if kept is None and counts_are_kept(chain, options) else None,
        scratch=scratch,
    )
    return model if kept is None else select_ngrams(model, kept)


def details_of(smoothing: Smoothing, rules: Rules, counts: NgramCounts, options: Estimation) -> dict[str, Any]:
    """What made the figures, in the order of the signature."""
    name = smoothing.called(rules.name or smoothing.model_names[0], smoothing.form_of(options))
    details = {"smoothing": name} | rules.qualifiers | openness(options.closed) | rules.details
    if any(options.prune):
        details |= {"prune": ",".join(map(str, options.prune))}
    return details | counts.details() | {"precision": options.precision}


def estimate_orders(
    smoothing: Smoothing,
    rules: Rules,
    evidence: CountedEvidence,
    options: Estimation,
    kept: list[NDArray[np.bool_]] | None,
    scratch: Scratch,
) -> Estimated:
    """The estimates of all orders, from the lowest up. kept: for each order, which n-grams the model will keep; None: all."""
    chain, form = evidence.model.chain, smoothing.form_of(options)
    events = events_mask(len(evidence.model.vocabulary), options.closed)
    lower: NDArray[np.float64] = events / events.sum()  # order 0: uniform over the events
    keep_counts = kept is None and counts_are_kept(chain, options)
    estimated = Estimated([], [], [])
    for length, order in enumerate(chain.orders, start=1):
        looked_at = evidence.values(VALUES_OF[smoothing.counts], length, scratch)
        values = evidence.of_model(looked_at, length, scratch)
        if keep_counts:
            estimated.counted.append(chain.counts[length - 1] if form == "full-histories" else compact(values))
        counted = CountedOrder(evidence.whole, length, looked_at, int(events.sum()), evidence.model.settings.unit)
        work = OrderWork(
            order,
            values,
            None if kept is None else kept[length - 1],
            rules.rule_of(counted),
            lower,
            chain.suffixes[length - 1] if length > 1 else np.arange(len(order), dtype=np.int32),
            form,
            events if length == 1 else None,
        )
        smoothed = work.run(options.precision, scratch, options.resources.workers, highest=length == len(chain.orders))
        estimated.log10_probs.append(smoothed.log10_probs)
        estimated.log10_backoffs.append(smoothed.log10_backoffs)
        lower = smoothed.probs
    return estimated


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


def counts_are_kept(chain: Chain, options: Estimation) -> bool:
    """Whether a model keeps the counts it is estimated from: as asked, else if there are few."""
    few = sum(map(len, chain.orders)) <= COUNTED_NGRAMS
    return few if options.keep_counts is None else options.keep_counts


def estimation_scratch(chain: Chain, options: Estimation) -> Scratch:
    """The scratch for a model of these counts: in memory, or where there is none left, on disk."""
    memory = options.resources.memory_limit
    if estimation_bytes(chain, options.precision) <= memory:
        return chain.scratch
    return chain.scratch.on_disk(options.resources.tmp, memory // 2)


def estimation_bytes(chain: Chain, precision: Precision) -> int:
    """About how much memory the estimation of a model needs, its counts included."""
    sizes = [len(order) for order in chain.orders]
    structure = sum(order.indices.nbytes + order.indptr.nbytes for order in chain.orders)
    counted = sum(array.nbytes for array in (*chain.suffixes, *chain.counts))
    stored = np.dtype(float_dtype(precision)).itemsize * (sum(sizes) + sum(sizes[:-1]))
    lower = 8 * sum(sizes[-3:-1]) + 4 * max(sizes)  # probabilities of two orders, adjusted counts of one
    return structure + counted + stored + lower + BESIDE
