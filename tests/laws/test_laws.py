"""Laws that hold for every text, and comparison with the dictionary oracle, on random corpora."""

import io
import itertools
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine import ordering
from lmkit.ngrams.counting.limiting import apply_cutoff
from lmkit.ngrams.values.protocol import Precision
from tests.oracle import BOS, EOS, UNK, Oracle, count

WORDS = ["a", "b", "c", "é", "ɖe", "w'"]
sentences = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join), min_size=1, max_size=12)
orders = st.integers(1, 5)
discounts = st.tuples(st.floats(0.01, 1), st.floats(0.01, 2), st.floats(0.01, 3))


def stream(lines: list[str]) -> io.BytesIO:
    """The lines as a text to read."""
    return io.BytesIO("".join(f"{line}\n" for line in lines).encode())


def histories(lines: list[str], order: int) -> list[tuple[str, ...]]:
    """Histories of all lengths, seen and unseen, at the start of a sentence and inside."""
    seen = {gram[:k] for gram in count(lines, order) for k in range(len(gram))}
    unseen = {("c", "c", "c", "c"), (BOS, "zzz"), (UNK,), (BOS, "c", UNK, "a"), ("zzz", "a")}
    return sorted({history for history in seen | unseen if EOS not in history})


def check_sums(
    model: lmkit.NgramModel, lines: list[str], order: int, tolerance: float, *, only_seen: bool = False
) -> None:
    """After every history the probabilities of all events sum to 1 (0 after unseen ones, where nothing is smoothed)."""
    grams = count(lines, order)
    for history in histories(lines, order):
        total = float((10.0 ** lmkit.conditional_log10_probs(model, " ".join(history))).sum())
        kept = history[max(0, len(history) - order + 1) :]
        if only_seen and not any(gram[:-1] == kept for gram in grams if len(gram) == len(kept) + 1):
            continue
        assert total == pytest.approx(1, abs=tolerance), history


@given(sentences, orders, discounts, st.booleans())
def test_kneser_ney_equals_the_oracle_and_sums_to_one(
    lines: list[str], order: int, given_discounts: tuple[float, float, float], closed: bool
) -> None:
    model = lmkit.kneser_ney(
        lmkit.count_ngrams(stream(lines), order), discounts=given_discounts, closed=closed, precision="double"
    )
    check_sums(model, lines, order, 1e-9)
    oracle = Oracle(lines, order, closed=closed)
    assert model.events == len(oracle.events)
    for history, word in itertools.product(histories(lines, order), oracle.events):
        expected = oracle.kneser_ney(word, history, given_discounts)
        assert lmkit.probability(model, word, " ".join(history)) == pytest.approx(expected, rel=1e-9), (word, history)


@given(sentences, orders, st.sampled_from([1.0, 0.5, 0.01, 7.0]), st.booleans())
def test_additive_smoothing_equals_the_oracle_and_sums_to_one(
    lines: list[str], order: int, alpha: float, closed: bool
) -> None:
    model = lmkit.laplace(lmkit.count_ngrams(stream(lines), order), alpha, closed=closed, precision="double")
    oracle = Oracle(lines, order, closed=closed)
    for history in histories(lines, order):
        total = float((10.0 ** lmkit.conditional_log10_probs(model, " ".join(history))).sum())
        assert total == pytest.approx(1, abs=1e-9)
        for word in oracle.events:
            expected = oracle.additive(word, history, alpha)
            assert lmkit.probability(model, word, " ".join(history)) == pytest.approx(expected, rel=1e-9), (
                word,
                history,
            )


@given(sentences, orders)
def test_maximum_likelihood_equals_the_oracle_and_sums_to_one_after_seen_histories(
    lines: list[str], order: int
) -> None:
    model = lmkit.maximum_likelihood(lmkit.count_ngrams(stream(lines), order))
    check_sums(model, lines, order, 1e-9, only_seen=True)
    oracle = Oracle(lines, order)
    for history, word in itertools.product(histories(lines, order), oracle.events):
        expected = oracle.additive(word, history, 0.0)
        assert lmkit.probability(model, word, " ".join(history)) == pytest.approx(expected, rel=1e-12), (word, history)


@given(sentences, orders, st.sampled_from(["fixed", "generalised"]), st.booleans(), st.integers(1, 3))
def test_single_precision_sums_to_one_with_any_fallback_and_cutoff(
    lines: list[str], order: int, fallback: str, closed: bool, cutoff: int
) -> None:
    counts = lmkit.count_ngrams(stream(lines), order, cutoff=cutoff)
    models = [
        lmkit.kneser_ney(counts, discount_fallback=fallback, closed=closed),  # type: ignore[call-overload]
        lmkit.laplace(counts, closed=closed),
    ]
    for model, history in itertools.product(models, histories(lines, order)):
        total = float((10.0 ** lmkit.conditional_log10_probs(model, " ".join(history))).sum())
        assert total == pytest.approx(1, abs=1e-6), history


@given(sentences, orders)
def test_counts_equal_the_oracle(lines: list[str], order: int) -> None:
    expected = count(lines, order)
    for k in range(1, order + 1):
        found = dict(lmkit.list_ngrams(lmkit.count_ngrams(stream(lines), k)))
        of_this_order = {" ".join(gram): n for gram, n in expected.items() if len(gram) == k}
        if k == 1:
            of_this_order = {word: n for word, n in of_this_order.items() if word not in {BOS, EOS}}
        assert found == of_this_order


@given(sentences, orders, st.sampled_from(["count", "ngram"]), st.integers(0, 30))
def test_lists_are_sorted_by_falling_count_or_text_whatever_the_order(
    lines: list[str], order: int, by: Literal["count", "ngram"], top: int
) -> None:
    counts = lmkit.count_ngrams(stream(lines), order)
    listed = [(" ".join(gram), n) for gram, n in count(lines, order).items() if len(gram) == order]
    listed = [pair for pair in listed if order > 1 or pair[0] not in {BOS, EOS}]
    expected = sorted(listed, key=lambda pair: (-pair[1] if by == "count" else 0, pair[0].split(" ")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "KEY_BITS", 9)  # so that some lists are sorted by one number, and others by more
        assert lmkit.list_ngrams(counts, by=by) == expected
    assert lmkit.list_ngrams(counts, by=by, top=top) == expected[:top]


@given(sentences)
def test_bigrams_counted_alone_are_those_counted_with_trigrams(lines: list[str]) -> None:
    """Two ways of counting, one result: the files have the same bytes."""
    assert saved(lmkit.count_ngrams(stream(lines), 2)) == saved(lmkit.count_ngrams(stream(lines), 3).up_to(2))


def saved(counts: lmkit.NgramCounts) -> bytes:
    """The bytes of the counts' file."""
    out = io.BytesIO()
    lmkit.save(counts, out)
    return out.getvalue()


@given(sentences, orders, st.integers(1, 60), st.integers(1, 3), st.integers(0, 12))
def test_blocks_threads_memory_and_files_change_no_byte(
    lines: list[str], order: int, block_bytes: int, workers: int, split: int
) -> None:
    expected = saved(lmkit.count_ngrams(stream(lines), order, resources=lmkit.Resources(workers=1)))
    parts = [part for part in (lines[:split], lines[split:]) if part]
    for variant in (
        lmkit.count_ngrams(
            stream(lines),
            order,
            reading=lmkit.Reading(block_bytes=block_bytes),
            resources=lmkit.Resources(workers=workers),
        ),
        lmkit.count_ngrams([stream(part) for part in parts], order, resources=lmkit.Resources(workers=workers)),
        lmkit.count_ngrams(stream(lines), order, resources=lmkit.Resources(memory=1)),
    ):
        assert saved(variant) == expected


@given(sentences, sentences, orders)
def test_merging_counts_is_counting_together(one: list[str], other: list[str], order: int) -> None:
    merged = lmkit.merge_counts([lmkit.count_ngrams(stream(one), order), lmkit.count_ngrams(stream(other), order)])
    together = lmkit.count_ngrams(stream([*one, *other]), order)
    assert saved(merged) == saved(together)
    assert saved(apply_cutoff(merged, 2)) == saved(lmkit.count_ngrams(stream([*one, *other]), order, cutoff=2))


@given(sentences, orders)
def test_doubling_the_corpus_doubles_the_counts(lines: list[str], order: int) -> None:
    once, twice = lmkit.count_ngrams(stream(lines), order), lmkit.count_ngrams(stream(lines * 2), order)
    assert once.ngrams() == twice.ngrams()
    for one, two in zip(once.counts, twice.counts, strict=True):
        assert np.array_equal(2 * one, two)


@given(sentences, orders, st.integers(2, 3))
def test_a_cutoff_equals_replacing_rare_words_in_the_text(lines: list[str], order: int, cutoff: int) -> None:
    """With --reserved keep, a text in which rare words are <unk> is the same text."""
    frequencies = count(lines, 1)
    replaced = [" ".join(word if frequencies[(word,)] >= cutoff else UNK for word in line.split()) for line in lines]
    kept = lmkit.count_ngrams(stream(replaced), order, settings=lmkit.TextSettings(reserved="keep"))
    cut = lmkit.count_ngrams(stream(lines), order, cutoff=cutoff)
    assert lmkit.list_ngrams(cut) == lmkit.list_ngrams(kept)
    assert cut.vocabulary.same_as(kept.vocabulary)


@given(sentences, sentences, orders, st.integers(1, 60))
def test_block_size_changes_no_figure_of_perplexity(
    train: list[str], test: list[str], order: int, block_bytes: int
) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(stream(train), order), discounts=(0.5, 1, 1.5))
    whole = lmkit.perplexity(model, stream(test))
    assert lmkit.perplexity(model, stream(test), reading=lmkit.Reading(block_bytes=block_bytes)) == whole
    assert lmkit.perplexity(model, [stream(test[:1]), stream(test[1:])]) == whole


@given(sentences, sentences, orders, st.booleans())
def test_perplexity_equals_the_oracle(train: list[str], test: list[str], order: int, closed: bool) -> None:
    test = [*test, "a zzz b"]
    values = (0.5, 1.0, 1.5)
    oracle = Oracle(train, order, closed=closed)
    logs = []
    for line in test:
        words = [BOS, *line.split(), EOS]
        for place in range(1, len(words)):
            known = words[place] in oracle.events
            logs.append(
                np.log10(oracle.kneser_ney(words[place] if known else UNK, tuple(words[:place]), values))
                if known or not closed
                else None
            )
    model = lmkit.kneser_ney(
        lmkit.count_ngrams(stream(train), order), discounts=values, closed=closed, precision="double"
    )
    result = lmkit.perplexity(model, stream(test))
    assert result.tokens == len(logs)
    known_logs = [log for log in logs if log is not None]
    if closed:
        assert result.zero_probability_tokens == result.oov == len(logs) - len(known_logs) > 0
        assert result.perplexity_excluding_oov == pytest.approx(10 ** -(sum(known_logs) / len(known_logs)), rel=1e-9)
    else:
        assert result.perplexity == pytest.approx(10 ** -(sum(known_logs) / len(known_logs)), rel=1e-9)


@given(sentences, orders, st.booleans())
def test_saving_and_loading_changes_nothing(lines: list[str], order: int, double: bool) -> None:
    counts = lmkit.count_ngrams(stream(lines), order)
    assert saved(lmkit.load_counts(io.BytesIO(saved(counts)))) == saved(counts)
    model = lmkit.kneser_ney(counts, discount_fallback="fixed", precision="double" if double else "single")
    out = io.BytesIO()
    lmkit.save(model, out)
    again = lmkit.load_model(io.BytesIO(out.getvalue()))
    assert lmkit.perplexity(again, stream(lines)) == lmkit.perplexity(model, stream(lines))


@given(sentences, orders, st.booleans(), st.booleans())
def test_arpa_files_read_back_as_they_were(lines: list[str], order: int, double: bool, closed: bool) -> None:
    precision: Precision = "double" if double else "single"
    counts = lmkit.count_ngrams(stream(lines), order)
    models = [
        lmkit.kneser_ney(counts, discount_fallback="fixed", precision=precision, closed=closed),
        lmkit.laplace(counts, precision=precision, closed=closed),
        lmkit.maximum_likelihood(counts, precision=precision, closed=closed),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            path = Path(folder) / "model.arpa.gz"
            lmkit.save(model, path)
            again = lmkit.load(path, precision=precision)
            assert isinstance(again, lmkit.NgramModel)
            assert again.signature() == model.signature()
            ours, theirs = (lmkit.perplexity(each, stream([*lines, "zzz"])) for each in (model, again))
            rounding = 1e-14 if double else 1e-6
            assert ours.log10_prob == pytest.approx(theirs.log10_prob, rel=rounding, abs=rounding)
            assert ours.matched_orders == theirs.matched_orders


@given(sentences, sentences, orders)
def test_divergence_is_never_negative_and_zero_for_the_texts_own_distribution(
    train: list[str], test: list[str], order: int
) -> None:
    smoothed = lmkit.kneser_ney(lmkit.count_ngrams(stream(train), order), discounts=(0.5, 1, 1.5))
    divergence = lmkit.entropy(stream(test), order, model=smoothed).kl_divergence_bits
    assert divergence is not None
    assert divergence >= 0
    own = lmkit.count_ngrams(stream(train), order)
    assert lmkit.entropy(stream(train), order, model=own).kl_divergence_bits == pytest.approx(0, abs=1e-9)
