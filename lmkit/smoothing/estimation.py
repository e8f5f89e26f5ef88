"""From counts to a model, order by order: what all smoothings share.

A smoothing is a rule that gives each history's n-grams the probabilities f(w|h) that their counts deserve, and the
weight γ(h) = 1 − Σ f(w|h) of the order below; its `Rules` say which. What form of model comes of them: see `forms`.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, FloatArray, IndexArray
from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.steps import Made, Steps
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.backoff.selection import select_ngrams
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.trie.links import stored_links
from lmkit.ngrams.values.interpolated import InterpolatedValues, lowest_probs
from lmkit.ngrams.values.protocol import Precision, Values, float_dtype
from lmkit.ngrams.values.stored import KeptCounts, StoredValues
from lmkit.signature import openness
from lmkit.smoothing.adjusted_counts import adjust_counts
from lmkit.smoothing.counted_evidence import CountedEvidence, ValuesOf, raw_counts
from lmkit.smoothing.counted_rows import CountedOrder, DividingRule, Rule
from lmkit.smoothing.forms import FORMS
from lmkit.smoothing.interpolating import Interpolation, name_of
from lmkit.smoothing.options import COUNTED_NGRAMS, Estimation
from lmkit.smoothing.order_work import OrderWork, Smoothed
from lmkit.smoothing.registry import Counted, Rules, Smoothing
from lmkit.smoothing.supersteps.driver import tallies_on
from lmkit.smoothing.tallying import tally_of
from lmkit.text.vocabulary import events_mask

BESIDE = 150 << 20  # bytes of the program itself, the vocabulary and pieces of arrays
VALUES_OF: dict[Counted, ValuesOf] = {"raw": raw_counts, "adjusted": adjust_counts}


def estimate_model(smoothing: Smoothing, counts: NgramCounts, options: Estimation) -> NgramModel:
    """The model of a smoothing. UsageError where n-grams are to be dropped, and nothing would stand in for them."""
    if any(options.prune) and not smoothing.can_drop_ngrams:
        raise UsageError(
            f"{smoothing.name} smoothing cannot be pruned by counts: it has no lower order for what is dropped.",
            "Use another smoothing, or limit the words with a cutoff.",
        )
    if options.runner is not None and not smoothing.is_kept_as_counts(options):
        raise UsageError(
            f"the work on this model of {smoothing.name} smoothing cannot be shared out: only models that are kept as counts can.",
            "Those are interpolated, and not pruned. Leave the runner out.",
        )
    rules = smoothing.rules(counts, options)
    evidence = CountedEvidence.of(counts, closed=options.closed)
    chain = evidence.model.chain
    kept = kept_by_count(chain, options.prune)
    scratch = estimation_scratch(chain, options)
    steps = Steps(part_of_job("smoothing"), steps_of(smoothing, counts.order), scratch)
    if smoothing.is_kept_as_counts(options):
        values: Values = interpolated_values(smoothing, rules, evidence, options, steps)
    else:
        values = stored_values(smoothing, rules, evidence, options, kept, steps)
    model = NgramModel(
        evidence.model.vocabulary,
        evidence.model.settings,
        details_of(smoothing, rules, counts, options),
        chain.orders,
        values,
        rules.traits or smoothing.traits,
        options.closed,
        parameters=rules.parameters,
        scratch=scratch,
    )
    return model if kept is None else select_ngrams(model, kept)


def steps_of(smoothing: Smoothing, order: int) -> list[str]:
    """The names of the steps to a model, in order."""
    steps = []
    for length in range(1, order + 1):
        steps += [*([values_of(length)] if finds_values(smoothing, length, order) else []), name_of(length)]
    return steps


def finds_values(smoothing: Smoothing, length: int, order: int) -> bool:
    """Whether the counts that a smoothing looks at are work to find: of the highest order, they are what was counted."""
    return smoothing.counts != "raw" and length < order


def values_of(length: int) -> str:
    """The name of the step that finds what a smoothing looks at of the n-grams of a length."""
    return f"values-{length}"


def details_of(smoothing: Smoothing, rules: Rules, counts: NgramCounts, options: Estimation) -> dict[str, Any]:
    """What made the figures, in the order of the signature."""
    name = smoothing.called(rules.name or smoothing.model_names[0], smoothing.form_of(options))
    details = {"smoothing": name} | rules.qualifiers | openness(options.closed) | rules.details
    if any(options.prune):
        details |= {"prune": ",".join(map(str, options.prune))}
    return details | counts.details() | {"precision": options.precision}


def orders_of(
    smoothing: Smoothing, rules: Rules, evidence: CountedEvidence, options: Estimation, steps: Steps
) -> Iterator[tuple[CountArray, Rule]]:
    """The counts of the model's n-grams (n-grams,) and the rule of each order, from the lowest up."""
    for length in range(1, evidence.model.order + 1):
        counted = counted_order(smoothing, evidence, options, length, steps)
        looked_at = counted.values
        yield evidence.of_model(looked_at, length, steps.scratch), rules.rule_of(counted)


def counted_order(
    smoothing: Smoothing,
    evidence: CountedEvidence,
    options: Estimation,
    length: int,
    steps: Steps,
    told: NDArray[np.int64] | None = None,
) -> CountedOrder:
    """What the rules of a smoothing are given of an order. told: (4,) its counts of counts, if they are known already."""
    settings = evidence.model.settings
    events = events_mask(len(evidence.model.vocabulary), closed=options.closed, marks=settings.sentence_marks)
    find = partial(evidence.values, VALUES_OF[smoothing.counts], length, steps.scratch)

    def find_values() -> CountArray:
        if not finds_values(smoothing, length, evidence.model.order):
            return find()
        made, _ = steps.step(values_of(length), lambda: ({"values": find()}, {}))
        return made["values"]

    return CountedOrder(evidence.whole, length, find_values, int(events.sum()), settings.unit, told)


def interpolated_values(
    smoothing: Smoothing, rules: Rules, evidence: CountedEvidence, options: Estimation, steps: Steps
) -> InterpolatedValues:
    """The counts, with what they are divided by."""
    interpolation, scratch, workers = Interpolation(evidence, steps), steps.scratch, options.resources.workers
    tallies = None
    if options.runner is not None:
        tallies = tallies_on(options.runner, evidence, smoothing.counts, options.resources)
    for length, order in enumerate(evidence.model.orders, start=1):
        if tallies is None or length == 1:
            counted = counted_order(smoothing, evidence, options, length, steps)
            values = evidence.of_model(counted.values, length, scratch)
            tally = partial(tally_of, order, length, values, scratch, workers)
        else:
            counted = counted_order(smoothing, evidence, options, length, steps, tallies.counts_of_counts(length))
            tally = partial(tallies.tally, length, scratch, workers)
        rule = rules.rule_of(counted)
        assert isinstance(rule, DividingRule), "interpolated models divide counts"  # noqa: S101
        interpolation.add(tally, rule)
    return interpolation.values(
        closed=options.closed,
        smoothed=smoothing.traits.is_smoothed,
        full_histories=smoothing.form_of(options) == "full-histories",
        adjusted=smoothing.counts == "adjusted",
        precision=options.precision,
    )


def stored_values(
    smoothing: Smoothing,
    rules: Rules,
    evidence: CountedEvidence,
    options: Estimation,
    kept: list[NDArray[np.bool_]] | None,
    steps: Steps,
) -> StoredValues:
    """The probabilities and backoffs. kept: for each order, which n-grams the model will keep; None: all."""
    chain, form = evidence.model.chain, smoothing.form_of(options)
    marks = evidence.model.settings.sentence_marks
    lower = lowest_probs(len(evidence.model.vocabulary), closed=options.closed, marks=marks)
    keep_counts = kept is None and counts_are_kept(chain, options)
    log10_probs: list[FloatArray] = []
    log10_backoffs: list[FloatArray] = []  # (histories,) of each order: those of order 1 weigh nothing that is stored
    counts: list[KeptCounts] = []
    estimated = orders_of(smoothing, rules, evidence, options, steps)
    for place, (order, (values, rule)) in enumerate(zip(chain.orders, estimated, strict=True)):
        if keep_counts:
            counts.append(KeptCounts(compact(values)))
        work = OrderWork(
            order,
            values,
            None if kept is None else kept[place],
            rule,
            lower,
            suffixes_of_order(chain, place) if FORMS[form].looks_below else None,
            form,
            None if place else lower > 0,
        )
        highest = place == len(chain.orders) - 1
        run = partial(work.run, options.precision, steps.scratch, options.resources.workers, highest=highest)
        smoothed = finished(steps, place + 1, run)
        log10_probs.append(smoothed.log10_probs)
        log10_backoffs.append(smoothed.log10_backoffs)
        lower = smoothed.probs
    return StoredValues(tuple(log10_probs), tuple(log10_backoffs[1:]), tuple(counts) if keep_counts else None)


def suffixes_of_order(chain: Chain, place: int) -> IndexArray:
    """(n-grams,) where the probabilities one order down are; those of words are of words."""
    return chain.suffixes[place] if place else np.arange(len(chain.orders[0]), dtype=np.int32)


def finished(steps: Steps, length: int, run: Callable[[], Smoothed]) -> Smoothed:
    """The estimates of an order, which are made if they are not finished. The probabilities are there if the next order needs them."""

    def take() -> Made:
        made = run()
        handed_on = {"probs": made.probs} if len(made.probs) else {}
        return {"log10_probs": made.log10_probs, "log10_backoffs": made.log10_backoffs}, handed_on

    given, handed_on = steps.step(name_of(length), take)
    return Smoothed(handed_on.get("probs", np.zeros(0)), given["log10_probs"], given["log10_backoffs"])


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
    counted = sum(array.nbytes for array in (*stored_links(chain.suffixes), *chain.counts))
    stored = np.dtype(float_dtype(precision)).itemsize * (sum(sizes) + sum(sizes[:-1]))
    lower = 8 * sum(sizes[-3:-1]) + 4 * max(sizes)  # probabilities of two orders, adjusted counts of one
    return structure + counted + stored + lower + BESIDE
