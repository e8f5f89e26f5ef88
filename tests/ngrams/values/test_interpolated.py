"""Interpolated models are kept as counts: they score as the probabilities that follow, and files hold them whole."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.pieces import row_pieces
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.ngrams.counting.weighting import weighted
from lmkit.ngrams.files import trust
from lmkit.ngrams.trie.orders import Order
from lmkit.ngrams.values import history_counts
from lmkit.ngrams.values.history_counts import HistoryCoder
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.ngrams.values.small_counts import SmallCounts
from lmkit.ngrams.values.stored import StoredValues
from tests.conftest import TOY, held_out_text, train_text
from tests.units_by_hand import joined, saved, stream

SMOOTHINGS: dict[str, Callable[..., lmkit.NgramModel]] = {
    "kneser-ney": lambda counts, **how: lmkit.kneser_ney(counts, discount_fallback="generalised", **how),
    "one discount": lambda counts, **how: lmkit.kneser_ney(counts, one_discount=True, discount=0.7, **how),
    "absolute": lambda counts, **how: lmkit.absolute_discounting(counts, 0.5, **how),
    "witten-bell": lmkit.witten_bell,
    "jelinek-mercer": lambda counts, **how: lmkit.jelinek_mercer(counts, 0.3, **how),
    "laplace": lambda counts, **how: lmkit.laplace(counts, 0.1, **how),
    "maximum likelihood": lmkit.maximum_likelihood,
}


def values_of(model: lmkit.NgramModel) -> InterpolatedValues:
    """The values of a model that is kept as counts."""
    assert isinstance(model.values, InterpolatedValues)
    return model.values


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@given(
    lines=st.lists(st.lists(st.sampled_from("abcde"), max_size=6).map(" ".join), min_size=1, max_size=12),
    order=st.integers(1, 4),
    closed=st.booleans(),
)
def test_counts_score_as_the_probabilities_that_follow_from_them(
    smoothing: str, lines: list[str], order: int, closed: bool
) -> None:
    counts = lmkit.count_ngrams(stream(joined(["a b", *lines])), order)
    model = SMOOTHINGS[smoothing](counts, closed=closed, precision="double")
    stored = model.with_values()
    assert isinstance(stored.values, StoredValues)
    text = ["a b c d e", "zzz a", *lines, "b a b a b"]
    ours, theirs = (lmkit.perplexity(each, stream(joined(text))) for each in (model, stored))
    assert ours.log10_prob == pytest.approx(theirs.log10_prob, rel=1e-13, abs=1e-13)
    assert ours.zero_probability_tokens == theirs.zero_probability_tokens
    assert ours.matched_orders == theirs.matched_orders
    for history in ("", "<s>", "a", "a b", "zzz b", "<s> a"):
        found, expected = (lmkit.conditional_log10_probs(each, history) for each in (model, stored))
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_single_ngrams_have_the_probabilities_that_all_have(smoothing: str) -> None:
    values = values_of(SMOOTHINGS[smoothing](lmkit.count_ngrams(train_text("fr"), 4), precision="double"))
    for length in range(1, 5):
        entries = np.arange(0, len(values.orders[length - 1]), 97)
        found = values.log10_probs_of(length, entries)
        np.testing.assert_allclose(found, values.log10_probs[length - 1][entries], rtol=1e-13, atol=1e-15)


def test_scoring_works_no_probabilities_out() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 4))
    lmkit.perplexity(model, held_out_text("en"))
    lmkit.next_words(model, "the")
    assert not {"_arrays", "_exact"} & vars(model.values).keys()
    assert model.log10_probs[3].dtype == np.float32
    assert "_arrays" in vars(model.values)


@given(
    st.lists(st.lists(st.integers(1, 400), max_size=40), min_size=1, max_size=40),
    st.sampled_from([1, 7, 1 << 18]),
)
def test_histories_are_coded_by_what_was_counted_after_them(rows: list[list[int]], piece: int) -> None:
    sizes = list(map(len, rows))
    indptr = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    order = Order(indptr, np.zeros(int(indptr[-1]), np.int32))
    seen: list[list[int]] = []

    def places_of(sums: Any) -> Any:
        seen.extend(sums.T.tolist())
        return np.arange(sums.shape[1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_counts, "row_pieces", lambda bounds: row_pieces(bounds, piece))
        counts = SmallCounts.of(np.array([count for row in rows for count in row], np.int64))
        coder = HistoryCoder(len(rows), Scratch())
        coder.add_up(order, counts, 1)
        codes = coder.run(places_of)
    expected = [[sum(row), row.count(1), row.count(2), sum(count > 2 for count in row)] for row in rows]
    assert [seen[code] for code in codes] == expected
    assert len({tuple(sums) for sums in seen}) == len(seen) == len({tuple(sums) for sums in expected})


def test_more_than_65536_kinds_of_histories_have_codes_of_32_bits() -> None:
    rows = 70_000
    order = Order(np.arange(rows + 1, dtype=np.int32), np.zeros(rows, np.int32))
    coder = HistoryCoder(rows, Scratch())
    coder.add_up(order, SmallCounts.of(np.arange(1, rows + 1)), 2)
    codes = coder.run(lambda sums: sums[0])
    assert codes.dtype == np.uint32
    assert codes.tolist() == list(range(1, rows + 1))


def test_large_counts_stand_apart() -> None:
    counts = np.array([1, 254, 255, 256, 3, 2**32 + 5])
    small = SmallCounts.of(counts)
    assert small.small.tolist() == [1, 254, 255, 255, 3, 255]
    assert small.places.tolist() == [2, 3, 5]
    assert small.large.dtype == np.uint64
    assert small.between(1, 6).tolist() == counts[1:].tolist()
    assert small.take(np.array([5, 0, 3])).tolist() == [2**32 + 5, 1, 256]
    assert small.whole().tolist() == counts.tolist()
    assert SmallCounts.of(counts[:5]).large.dtype == np.uint32


def test_counts_above_32_bits_make_models_that_files_keep(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("a b\na c\n")
    counts = weighted(lmkit.count_ngrams(text, 2), 2**40)
    model = lmkit.witten_bell(counts)
    lmkit.save(model, tmp_path / "model")
    again = lmkit.load(tmp_path / "model")
    assert 10 ** lmkit.conditional_log10_probs(again, "a")[4] == pytest.approx(0.5, rel=1e-9)
    assert saved(lmkit.load_counts(tmp_path / "model")) == saved(counts)


def damaged(path: Path, **changes: Callable[[Any], Any]) -> Path:
    """A copy of a model's file with some arrays changed."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        metadata = json.loads(file.read(size))["__metadata__"]
    tensors = safetensors.numpy.load_file(path)
    for name, change in changes.items():
        array = tensors[name.replace("_at_", ".")].copy()
        tensors[name.replace("_at_", ".")] = np.ascontiguousarray(change(array))
    changed = path.with_suffix(".damaged")
    safetensors.numpy.save_file(tensors, changed, metadata)
    return changed


def with_first(value: Any) -> Callable[[Any], Any]:
    """Puts a value in the first place."""

    def change(array: Any) -> Any:
        array.reshape(-1)[0] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("codes_at_1", with_first(65535), "the codes of the histories of order 2 are damaged"),
        ("codes_at_2", lambda array: array[:-1], "the codes of the histories of order 3 are damaged"),
        ("codes_at_2", lambda array: array.astype(np.int32), "the codes of the histories of order 3 are damaged"),
        ("divisors_at_2", with_first(0), "what counts of order 2 are divided by is damaged"),
        ("divisors_at_3", with_first(np.nan), "what counts of order 3 are divided by is damaged"),
        ("weights_at_2", with_first(1.5), "what counts of order 2 are divided by is damaged"),
        ("weights_at_3", lambda array: array[:-1], "what counts of order 3 are divided by is damaged"),
        ("weights_at_3", lambda array: array * 0.9, "the counts of order 3, and what they are divided by, do not fit"),
        ("discounts", with_first(1), "the discounts are damaged"),
        ("discounts", lambda array: array + np.array([0, 1, 0, 0]), "the discounts are damaged"),
        ("counts_at_2", lambda array: array[:-1], "the counts of order 2 do not fit"),
        ("counts_at_3", with_first(255), "the counts of order 3 do not fit"),
        ("counts_at_3", with_first(77), "the counts of order 3, and what they are divided by, do not fit"),
    ],
)
def test_damaged_codes_and_tables_are_told(
    tmp_path: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    lmkit.save(lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discounts=(0.5, 1, 1.5)), tmp_path / "model.safetensors")
    path = damaged(tmp_path / "model.safetensors", **{name: change})
    with pytest.raises(DataError, match="damaged or cut short") as error:
        lmkit.load(path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("places", "large"),
    [([1, 0], [300, 300]), ([0, 10**6], [300, 300]), ([-1, 0], [300, 300]), ([0, 1], [254, 300]), ([0], [300, 300])],
)
def test_damaged_large_counts_are_told(tmp_path: Path, places: list[int], large: list[int]) -> None:
    text = io.BytesIO(b"a b\n" * 300)
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(text, 2)), tmp_path / "model.safetensors")
    assert lmkit.load(tmp_path / "model.safetensors")
    path = damaged(
        tmp_path / "model.safetensors",
        large_places_at_2=lambda array: np.array(places, array.dtype),
        large_counts_at_2=lambda array: np.array(large, array.dtype),
    )
    with pytest.raises(DataError, match="the counts of order 2 do not fit"):
        lmkit.load(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'\\"values\\": \\"interpolated\\"', b'\\"values\\": \\"interpolater\\"'),
        (b'\\"adjusted\\": true', b'\\"adjusted\\": 1234'),
        (b'\\"complete\\": true', b'\\"complete\\": null'),
        (b'\\"events\\": ', b'\\"events\\": 1'),
        (b'\\"full_histories_only\\": false', b'\\"full_histories_only\\": true '),
        (b'\\"is_smoothed\\": true', b'\\"is_smoothed\\": false'),
        (b'\\"is_distribution\\": true', b'\\"is_distribution\\": false'),
        (b'\\"closed\\": false', b'\\"closed\\": true'),
    ],
)
def test_what_is_falsely_said_of_counts_is_told(tmp_path: Path, before: bytes, after: bytes) -> None:
    lmkit.save(lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discounts=(0.5, 1, 1.5)), tmp_path / "model")
    data = (tmp_path / "model").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header, arrays = data[8 : 8 + size], data[8 + size :]
    assert before in header
    header = header.replace(before, after)
    header += b" " * (-len(header) % 8)
    with pytest.raises(DataError, match="damaged or cut short"):
        lmkit.load(io.BytesIO(len(header).to_bytes(8, "little") + header + arrays))


@pytest.mark.parametrize("word", [10**8, -1])
@pytest.mark.parametrize("kept_as_counts", [True, False])
def test_words_that_are_none_are_refused_in_large_models_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: int, kept_as_counts: bool
) -> None:
    """Compiled code would read beyond its arrays with them."""
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discounts=(0.5, 1, 1.5))
    lmkit.save(model if kept_as_counts else model.with_values(), tmp_path / "model.safetensors")
    path = damaged(tmp_path / "model.safetensors", indices_at_2=with_first(word))
    monkeypatch.setattr(trust, "WHOLE", 0)
    assert lmkit.load(tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="the words of order 2 are damaged"):
        lmkit.load(path)


def test_large_models_whose_counts_do_not_add_up_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lmkit.save(lmkit.witten_bell(lmkit.count_ngrams(TOY, 3)), tmp_path / "model.safetensors")
    path = damaged(tmp_path / "model.safetensors", weights_at_3=lambda array: array * 0.9)
    monkeypatch.setattr(trust, "WHOLE", 0)
    with pytest.raises(DataError, match="the counts of order 3, and what they are divided by, do not fit"):
        lmkit.load(path)
