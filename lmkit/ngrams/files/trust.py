"""Checks of counts and models that were read from files: compiled code trusts what passes them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import IndexArray
from lmkit.engine.pieces import row_pieces
from lmkit.engine.sparse import row_sums
from lmkit.engine.threads import map_in_order
from lmkit.ngrams.backoff.full_histories import unseen_log10_probs
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.files.origin import check_metadata
from lmkit.ngrams.files.values import check_interpolated
from lmkit.ngrams.trie.links import stored_links
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.small_counts import LARGEST_COUNT
from lmkit.ngrams.values.stored import LARGEST_BACKOFF, StoredValues
from lmkit.text.vocabulary import UNK

CHECKED = 1 << 19  # values checked at a time
WHOLE = 64 << 20  # bytes of a model that are always checked
SUM_TOLERANCE = 1e-6  # of what counts make of a history: far above rounding in double precision
FULL_HISTORIES_TOLERANCE = 1e-3  # of sums of probabilities: far above rounding, far below what another smoothing leaves


Check = Callable[[], None]  # raises ValueError


def check_chain(value: NgramModel | NgramCounts, size: int = 0) -> None:
    """ValueError unless the arrays fit each other and hold what they should: compiled code trusts them.

    size: the bytes of a model whose checksums were right, which is what lmkit wrote unless somebody means to deceive. If they are more
    than WHOLE, all that could crash is looked at, and all values, and not whether words ascend and sums are 1, so that it opens at once.
    """
    if isinstance(value, NgramModel) and size > WHOLE:
        check_sizes(value)
        checks: list[Check] = [*range_checks(value), *value_checks(value, whole=False), partial(check_said_of, value)]
    else:
        checks = [*structure_checks(value), *value_checks(value)]
    for _ in map_in_order(lambda check: check(), checks, None):
        value.scratch.release()


def failures(value: NgramModel | NgramCounts, checks: Callable[[NgramModel | NgramCounts], list[Check]]) -> list[str]:
    """What fails of the checks that a function gives: each message once."""

    def message(check: Check) -> str:
        try:
            check()
        except ValueError as error:
            return str(error)
        return ""

    try:
        found = checks(value)
    except ValueError as error:
        return [str(error)]
    messages = []
    for text in map_in_order(message, found, None):
        messages.append(text)
        value.scratch.release()
    return [text for text in dict.fromkeys(messages) if text]


def structure_checks(value: NgramModel | NgramCounts) -> list[Check]:
    """The checks of all that places depend on; ValueError at once if the arrays do not fit each other."""
    check_sizes(value)
    checks = range_checks(value)
    for k, order in enumerate(value.orders, start=1):
        checks += [partial(check_words, order, k, *rows) for rows in row_pieces(order.indptr, CHECKED)]
    if isinstance(value, NgramModel):
        checks.append(partial(check_said_of, value))
    return checks


def range_checks(value: NgramModel | NgramCounts) -> list[Check]:
    """The checks that words and suffixes are some: kernels that take them as places would read beyond the arrays."""
    checks: list[Check] = []
    for k, order in enumerate(value.orders, start=1):
        check = partial(check_integers, name=f"the words of order {k}", limit=len(value.vocabulary))
        checks += pieces_of(order.indices, check)
    for k, suffixes in enumerate(
        stored_links(value.chain.suffixes)[1:] if isinstance(value, NgramCounts) else (), start=2
    ):
        check = partial(check_integers, name=f"the suffixes of order {k}", limit=len(value.orders[k - 2]))
        checks += pieces_of(suffixes, check)
    return checks


def check_said_of(model: NgramModel) -> None:
    """ValueError for what is said of a model and its first n-grams show not to hold."""
    if isinstance(model.values, InterpolatedValues):
        check_sums(model.values)
    else:
        check_traits(model)


def check_sizes(value: NgramModel | NgramCounts) -> None:
    """ValueError unless the arrays fit each other."""
    for k, order in enumerate(value.orders, start=1):
        check_rows(order, len(value.orders[k - 2]) if k > 1 else 1, k)
    if isinstance(value, NgramCounts):
        for k, (order, counts) in enumerate(zip(value.orders, value.chain.counts, strict=True), start=1):
            if len(counts) != len(order) or counts.dtype.kind not in "ui":
                raise ValueError(f"the counts of order {k} do not fit")
        for k, suffixes in enumerate(stored_links(value.chain.suffixes)[1:], start=2):
            if len(suffixes) != len(value.orders[k - 1]):
                raise ValueError(f"the suffixes of order {k} do not fit")
        return
    check_metadata(value.details, value.parameters)
    if isinstance(value.values, InterpolatedValues):
        check_interpolated(value.values)
        return
    for name, arrays in (("probabilities", value.log10_probs), ("backoffs", value.log10_backoffs)):
        for k, (order, array) in enumerate(zip(value.orders, arrays, strict=False), start=1):
            if array.dtype.kind != "f" or len(array) != len(order):
                raise ValueError(f"the {name} of order {k} are damaged")
    kept = (value.values.counts if isinstance(value.values, StoredValues) else None) or ()
    for k, (order, own) in enumerate(zip(value.orders, kept, strict=False), start=1):
        if len(own.array) != len(order) or own.array.dtype.kind != "u":
            raise ValueError(f"the counts of order {k} do not fit")


def value_checks(value: NgramModel | NgramCounts, *, whole: bool = True) -> list[Check]:
    """The checks of counts, or of probabilities and backoffs. whole: whether sums of what counts make are among them."""
    checks: list[Check] = []
    if isinstance(value, NgramCounts):
        for k, counts in enumerate(value.chain.counts, start=1):
            checks += pieces_of(counts, partial(check_counts, k))
        return checks
    if isinstance(value.values, InterpolatedValues):
        return [partial(check_sums, value.values, whole=True)] if whole else []
    for name, arrays, largest in (
        ("probabilities", value.log10_probs, 0),
        ("backoffs", value.log10_backoffs, LARGEST_BACKOFF),
    ):
        for k, array in enumerate(arrays, start=1):
            checks += pieces_of(array, partial(check_largest, f"the {name} of order {k}", largest))
    return checks


def check_sums(values: InterpolatedValues, *, whole: bool = False) -> None:
    """ValueError unless what histories share out among words and leave to the order below is 1 in all.

    Of each order the first CHECKED n-grams are looked at, so that large models open at once; or the whole.
    """
    for k, order in enumerate(values.orders, start=1):
        rows = len(order.indptr) - 1
        if not whole and len(order) > CHECKED:
            rows = rows_of_first(order.indptr)
        for first, last in row_pieces(order.indptr[: rows + 1], CHECKED):
            sums = values.sums_of_rows(k, first, last)
            if not (np.abs(sums - 1.0) <= SUM_TOLERANCE).all():
                raise ValueError(f"the counts of order {k}, and what they are divided by, do not fit")


def check_traits(model: NgramModel) -> None:
    """ValueError for what is said of a model and can be seen not to hold."""
    if model.closed and model.log10_probs[0][UNK] != -np.inf:
        raise ValueError("the vocabulary is said to be closed, and <unk> has a probability")
    factor = model.traits.unseen_log10_backoff
    if factor and model.order > 1:
        followed = model.log10_backoffs[0][np.diff(model.orders[1].indptr) > 0]
        if np.count_nonzero(np.isclose(followed, factor, atol=1e-5)) < len(followed) / 2:
            raise ValueError(f"unseen histories are said to cost {factor:.7g}, and stored ones do not")
    if model.traits.full_histories_only and model.traits.is_distribution and model.order > 1:
        check_full_histories(model)


def check_full_histories(model: NgramModel) -> None:
    """ValueError unless what is stored after full histories, and an equal share of what they leave for each other word, sum to 1.

    The first CHECKED n-grams of the highest order are looked at, so that large models open at once.
    """
    order, unseen = model.orders[-1], 10.0 ** unseen_log10_probs(model).astype(np.float64)
    histories = rows_of_first(order.indptr)
    bounds = order.indptr[: histories + 1]
    stored = row_sums(bounds, 10.0 ** model.log10_probs[-1][: bounds[-1]].astype(np.float64))
    shares = row_sums(bounds, unseen.take(order.indices[: bounds[-1]], mode="clip"))
    sums = stored + 10.0 ** model.log10_backoffs[-1][:histories].astype(np.float64) * (unseen.sum() - shares)
    if not (np.abs(sums - 1.0)[np.diff(bounds) > 0] <= FULL_HISTORIES_TOLERANCE).all():
        raise ValueError(
            "the model is said to look at full histories only, and its probabilities after them do not sum to 1 then"
        )


def rows_of_first(indptr: IndexArray) -> int:
    """How many rows hold the first CHECKED entries, or the first row if that has more."""
    return max(1, int(np.searchsorted(indptr, indptr.dtype.type(CHECKED), side="right")) - 1)  # else all is converted


def pieces_of(array: NDArray[Any], check: Callable[[NDArray[Any]], None]) -> list[Check]:
    """The check of an array as checks of its pieces."""
    return [partial(check, array[first : first + CHECKED]) for first in range(0, len(array), CHECKED)]


def check_rows(order: Order, histories: int, k: int) -> None:
    """ValueError unless the rows follow one another from the first entry to the last."""
    indptr = order.indptr
    check_integers(indptr, f"the rows of order {k}", len(order) + 1)
    fits = len(indptr) == histories + 1 and indptr[0] == 0 and indptr[-1] == len(order)
    if not fits or (indptr[1:] < indptr[:-1]).any():
        raise ValueError(f"the rows of order {k} do not fit")


def check_words(order: Order, k: int, first: int, last: int) -> None:
    """ValueError unless the words ascend within each of the rows first <= row < last."""
    bounds = order.indptr[first : last + 1]
    words = order.indices[bounds[0] : bounds[-1]]
    if not len(words):
        return
    descents = np.empty(len(words) + 1, bool)
    np.less_equal(words[1:], words[:-1], out=descents[1:-1])
    descents[(bounds - bounds[0]).astype(np.intp)] = False  # a new row may begin with any word
    if descents.any():
        raise ValueError(f"the words of order {k} are not in order")


def check_counts(k: int, counts: NDArray[Any]) -> None:
    """ValueError for counts that cannot be; only words may have a count of 0."""
    if int(counts.max()) >= LARGEST_COUNT or int(counts.min()) < (k > 1):
        raise ValueError(f"the counts of order {k} do not fit")


def check_largest(name: str, largest: float, values: NDArray[Any]) -> None:
    """ValueError for values above the largest, and for NaN."""
    if not values.max() <= largest:
        raise ValueError(f"{name} are damaged")


def check_integers(array: NDArray[Any], name: str, limit: int) -> None:
    """ValueError unless the array holds integers from 0 to below the limit."""
    if array.dtype not in (np.int32, np.int64) or (
        len(array) and int(array.view(f"u{array.itemsize}").max()) >= limit  # negative ones are the largest then
    ):
        raise ValueError(f"{name} are damaged")
