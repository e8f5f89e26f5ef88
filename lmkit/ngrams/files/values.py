"""The values of models as arrays with names: counts with what they are divided by, or probabilities as codes where few are distinct."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.files.own_files import Tensors
from lmkit.engine.kernels import call_arrow
from lmkit.engine.shards.cuts import By
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.history_counts import HistoryShares
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.protocol import Values
from lmkit.ngrams.values.small_counts import LARGE, LARGEST_COUNT, SmallCounts
from lmkit.ngrams.values.stored import KeptCounts, StoredValues
from lmkit.text.settings import has_marks

PROBABILITIES, INTERPOLATED, FULL_HISTORIES = "probabilities", "interpolated", "full-histories"  # kinds of values
MOST_CODES = 1 << 16  # distinct values of an order, up to which they are written as codes
DISCOUNTS = "discounts"  # the one array that has rows, of each order one
CUT: dict[str, By] = {  # how the arrays of an order are cut into shards; others stay whole
    "counts": "entries",
    "large_places": "places",
    "large_counts": "placed",
    "codes": "entries",
    "prob_codes": "entries",
    "log10_probs": "entries",
    "backoff_codes": "entries",
    "log10_backoffs": "entries",
}
TRIED = 1 << 18  # values that are looked at, to see whether there are few distinct ones


def numbered(name: str, arrays: Sequence[NDArray[Any]], first: int = 1) -> Tensors:
    """The arrays of each order under the name of all and the number of theirs."""
    return {f"{name}.{k}": array for k, array in enumerate(arrays, start=first)}


def in_order(tensors: Tensors, name: str, orders: range) -> tuple[NDArray[Any], ...]:
    """The arrays of some orders. KeyError where one is missing."""
    return tuple(tensors[f"{name}.{k}"] for k in orders)


def tensors_of_values(values: Values) -> Tensors:
    """The arrays of the values of a model."""
    if isinstance(values, InterpolatedValues):
        return tensors_of_counts(values)
    tensors: Tensors = {}
    for k, probs in enumerate(values.log10_probs, start=1):
        tensors |= tensors_of_logs("prob", k, probs)
    for k, backoffs in enumerate(values.log10_backoffs, start=1):
        tensors |= tensors_of_logs("backoff", k, backoffs)
    kept = values.counts if isinstance(values, StoredValues) else None
    return tensors | numbered("counts", [counts.array for counts in kept or ()])


def tensors_of_counts(values: InterpolatedValues) -> Tensors:
    """The arrays of counts with what they are divided by."""
    tensors: Tensors = {DISCOUNTS: np.stack(values.discounts)}
    for k, counts in enumerate(values.small_counts, start=1):
        tensors |= {f"counts.{k}": counts.small}
        if len(counts.large):
            tensors |= {f"large_places.{k}": counts.places, f"large_counts.{k}": counts.large}
    tensors |= numbered("codes", values.codes) | numbered("divisors", [shares.divisors for shares in values.shares])
    return tensors | numbered("weights", [shares.weights for shares in values.shares])


def tensors_of_logs(name: str, k: int, logs: FloatArray) -> Tensors:
    """The log10 probabilities or backoffs of an order: codes and what they stand for, where there are few distinct ones."""
    found = coded(logs)
    if found is None:
        return {f"log10_{name}s.{k}": logs}
    codes, distinct = found
    return {f"{name}_codes.{k}": codes, f"{name}_values.{k}": distinct}


def logs_of(tensors: Tensors, name: str, orders: range) -> tuple[FloatArray, ...]:
    """The log10 probabilities or backoffs in the arrays of a file; codes are turned into what they stand for."""
    return tuple(
        tensors[f"log10_{name}s.{k}"]
        if f"log10_{name}s.{k}" in tensors
        else decoded(tensors[f"{name}_codes.{k}"], tensors[f"{name}_values.{k}"], f"{name}s of order {k}")
        for k in orders
    )


def decoded(codes: NDArray[Any], values: FloatArray, name: str) -> FloatArray:
    """(codes,) what they stand for. ValueError for codes that stand for nothing."""
    if codes.dtype not in (np.uint8, np.uint16) or (len(codes) and int(codes.max()) >= len(values)):
        raise ValueError(f"the codes of the {name} are damaged")
    return values.take(codes)


def coded(values: FloatArray) -> tuple[NDArray[Any], FloatArray] | None:
    """(values,) the place of each among the distinct ones, ascending, and these; None if there are too many to save much."""
    first = values[:TRIED]
    if len(np.unique(first)) > min(len(first) // 4, MOST_CODES):
        return None
    encoded = call_arrow("dictionary_encode", to_arrow(values))
    distinct: FloatArray = to_numpy(encoded.dictionary)
    if len(distinct) > min(len(values) // 4, MOST_CODES):
        return None
    order = np.argsort(distinct)
    ranks = np.empty(len(order), np.uint8 if len(order) <= 1 << 8 else np.uint16)
    ranks[order] = np.arange(len(order))
    return ranks.take(to_numpy(encoded.indices)), distinct[order]


def fields_of_values(values: Values) -> dict[str, Any]:
    """What is said of the values of a model beside their arrays."""
    if not isinstance(values, InterpolatedValues):
        return {"values": PROBABILITIES}
    kind = FULL_HISTORIES if values.full_histories else INTERPOLATED
    return {"values": kind, "events": values.events, "adjusted": values.adjusted, "complete": values.complete}


def interpolated_of(
    tensors: Tensors, orders: tuple[Order, ...], fields: dict[str, Any], origin: Origin
) -> InterpolatedValues:
    """The counts in the arrays of a file, with what they are divided by. ValueError for another kind of values."""
    kind, adjusted, complete = (fields[name] for name in ("values", "adjusted", "complete"))
    if kind not in (INTERPOLATED, FULL_HISTORIES) or type(adjusted) is not bool or type(complete) is not bool:
        raise ValueError("what is said of the values of the model is damaged")
    every = range(1, len(orders) + 1)
    none: NDArray[Any] = np.zeros(0, np.int32)
    counts = tuple(
        SmallCounts(
            tensors[f"counts.{k}"],
            tensors.get(f"large_places.{k}", none),
            tensors.get(f"large_counts.{k}", none.astype(np.uint32)),
        )
        for k in every
    )
    shares = zip(in_order(tensors, "divisors", every), in_order(tensors, "weights", every), strict=True)
    return InterpolatedValues(
        orders,
        counts,
        tuple(tensors[DISCOUNTS]),
        in_order(tensors, "codes", every[:-1]),
        tuple(HistoryShares(divisors, weights) for divisors, weights in shares),
        origin.closed,
        origin.traits.is_smoothed,
        kind == FULL_HISTORIES,
        adjusted,
        complete,
        origin.precision,
        marks=has_marks(origin.settings),
    )


def stored_of(tensors: Tensors, highest: int) -> StoredValues:
    """The probabilities and backoffs in the arrays of a file."""
    every = range(1, highest + 1)
    kept = in_order(tensors, "counts", every) if "counts.1" in tensors else None
    counts = None if kept is None else tuple(map(KeptCounts, kept))
    return StoredValues(logs_of(tensors, "prob", every), logs_of(tensors, "backoff", every[:-1]), counts)


def check_said(values: InterpolatedValues, fields: dict[str, Any], origin: Origin) -> None:
    """ValueError for what is said of a model and its counts show not to hold."""
    if fields["events"] != values.events:
        raise ValueError(f"{fields['events']} words are said to be predicted, and {values.events} can be")
    traits = origin.traits
    if traits.full_histories_only != values.full_histories or not traits.is_distribution:
        raise ValueError("the traits of the model do not go with its counts")
    leaves = any(((shares.weights > 0) & (shares.weights < 1)).any() for shares in values.shares)
    if leaves and not traits.is_smoothed:
        raise ValueError("the model is said not to be smoothed, and something is left for what was not seen")


def check_interpolated(values: InterpolatedValues) -> None:
    """ValueError unless the arrays fit each other, and no code or place leads out of what it points into."""
    if values.discounts[0].dtype != np.float64 or any(discounts.shape != (4,) for discounts in values.discounts):
        raise ValueError("the discounts are damaged")
    largest = np.arange(4)  # no more can be taken than a count has
    fits = all(((discounts >= 0) & (discounts <= largest)).all() for discounts in values.discounts)
    if len(values.discounts) != values.order or not fits:
        raise ValueError("the discounts are damaged")
    sizes = [1, *map(len, values.orders[:-1])]
    codes = [np.zeros(1, np.uint16), *values.codes]
    for k, (order, counts, of_history, size, shares) in enumerate(
        zip(values.orders, values.small_counts, codes, sizes, values.shares, strict=True), start=1
    ):
        check_small_counts(counts, len(order), k)
        pairs = (shares.divisors, shares.weights)
        fits = all(array.dtype == np.float64 and array.shape == shares.divisors.shape for array in pairs)
        if not fits or not (shares.divisors > 0).all() or not ((shares.weights >= 0) & (shares.weights <= 1)).all():
            raise ValueError(f"what counts of order {k} are divided by is damaged")
        fits = of_history.dtype in (np.uint16, np.uint32) and of_history.shape == (size,)
        if not fits or (size and int(of_history.max()) >= len(shares.divisors)):
            raise ValueError(f"the codes of the histories of order {k} are damaged")


def check_small_counts(counts: SmallCounts, size: int, k: int) -> None:
    """ValueError unless these are counts of so many n-grams."""
    small, places, large = counts.small, counts.places, counts.large
    fits = small.dtype == np.uint8 and small.shape == (size,) and places.shape == large.shape
    fits &= places.dtype in (np.int32, np.int64) and large.dtype in (np.uint32, np.uint64)
    if fits and len(places):
        fits = int(places[0]) >= 0 and int(places[-1]) < size and bool((places[1:] > places[:-1]).all())
        fits &= bool((large >= LARGE).all()) and int(large.max()) < LARGEST_COUNT
    if not fits or np.count_nonzero(small == LARGE) != len(places) or (len(places) and (small[places] != LARGE).any()):
        raise ValueError(f"the counts of order {k} do not fit")
