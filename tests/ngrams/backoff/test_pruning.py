"""Pruning by relative entropy: SRILM's n-grams, Stolcke's divergence, and what may not be pruned."""

import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.normalization import normalize_backoffs
from lmkit.ngrams.backoff.pruning import entropy_changes, given_history_probs, needed_changes, own_history_probs, prune
from lmkit.ngrams.trie.automaton import EMPTY, HistoryStates
from lmkit.ngrams.trie.orders import ngram_words
from tests.conftest import LANGUAGES, REFERENCE, Run, held_out_text, train_text
from tests.oracle import count
from tests.reference.test_reference_figures import SRILM

SENTENCES = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=8)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", ["mkn_unk", "katz_unk", "wb_interp_unk"])
@pytest.mark.parametrize("threshold", ["1e-6", "1e-5", "1e-4", "1e-3"])
def test_the_ngrams_kept_and_the_perplexity_are_srilms(language: str, method: str, threshold: str) -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / f"{language}.{method}.o3.arpa.gz")
    expected = SRILM[language]["pruning"][f"{method}_o3_prune_{threshold}"]
    pruned = prune(model, float(threshold))
    assert {str(order): size for order, size in pruned.ngrams.items()} == expected["arpa_counts"]
    assert lmkit.perplexity(pruned.model, held_out_text(language)).perplexity == pytest.approx(
        expected["test"]["ppl"], rel=1e-6
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ngram_of_srilms_pruned_model_is_kept_with_its_probability(language: str) -> None:
    theirs = lmkit.load_model(REFERENCE / "srilm" / f"{language}.mkn_unk.o3.prune1e-5.arpa.gz")
    ours = prune(lmkit.load_model(REFERENCE / "srilm" / f"{language}.mkn_unk.o3.arpa.gz"), 1e-5).model
    assert ours.vocabulary.words == theirs.vocabulary.words
    for own, other in zip(ours.orders, theirs.orders, strict=True):
        assert np.array_equal(own.indices, other.indices)
        assert np.array_equal(own.indptr, other.indptr)
    for own_values, other_values in zip(ours.log10_backoffs, theirs.log10_backoffs, strict=True):
        assert own_values == pytest.approx(other_values, abs=5e-5)  # SRILM's are rounded, and 1 less sums


@given(SENTENCES, st.integers(2, 4), st.floats(1e-6, 0.1))
def test_a_pruned_model_still_sums_to_one_after_any_history(sentences: list[str], order: int, threshold: float) -> None:
    counts = lmkit.count_ngrams(io.BytesIO("\n".join(sentences).encode()), order)
    model = prune(lmkit.witten_bell(counts, precision="double"), threshold).model
    for history in ["", "<s>", *(" ".join(sentence.split()[:k]) for sentence in sentences for k in (1, 2, 3))]:
        assert (10.0 ** lmkit.conditional_log10_probs(model, history)).sum() == pytest.approx(1.0, abs=1e-9)


def test_the_change_of_one_ngram_is_the_divergence_of_the_models() -> None:
    """Taking one n-gram out by hand: Σ_w P(h) p(w|h) ln(p(w|h) / p′(w|h)) over the whole vocabulary."""
    model = lmkit.witten_bell(lmkit.count_ngrams(train_text("fr"), 2), precision="double")
    (changes,) = entropy_changes(model)
    order = model.orders[1]
    (history_probs,) = own_history_probs(model)
    words = [word.decode() for word in model.vocabulary.words]
    for entry in (5, 700, 2000):
        kept = np.ones(len(order), bool)
        kept[entry] = False
        history, _ = (int(column[0]) for column in ngram_words(model.orders, 2, entry, entry + 1))
        indptr = order.indptr.copy()
        indptr[history + 1 :] -= 1
        orders = (model.orders[0], replace(order, indptr=indptr, indices=order.indices[kept]))
        probs = (model.log10_probs[0], model.log10_probs[1][kept])
        backoffs, _ = normalize_backoffs(orders, len(words), probs)
        removed = model.with_values(probs, backoffs, orders=orders)
        before, after = (lmkit.conditional_log10_probs(m, words[history]) for m in (model, removed))
        predicted = np.isfinite(before)
        before, after = before[predicted], after[predicted]
        divergence = (10**before * (before - after)).sum() * math.log(10) * history_probs[history]
        assert changes[entry] == pytest.approx(math.expm1(divergence), rel=1e-6, abs=1e-15)


def test_a_number_of_ngrams_is_kept_to_the_last_one() -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(train_text("en"), 3))
    for keep in (0, 1, 500, 3000, 10**9):
        pruned = prune(model, keep=keep)
        kept = pruned.ngrams[2] + pruned.ngrams[3]
        everything = model.ngrams()[2] + model.ngrams()[3]
        assert kept == min(keep, everything)


def test_an_ngram_stays_as_long_as_one_that_it_is_a_history_of() -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(io.BytesIO(b"a b c\na b d\nb c d\n"), 3))
    changes = entropy_changes(model)
    needed = needed_changes(model.orders, changes)
    for entry, (first, last) in enumerate(zip(model.orders[2].indptr[:-1], model.orders[2].indptr[1:], strict=True)):
        assert needed[0][entry] == max([changes[0][entry], *changes[1][first:last]])


def test_histories_of_kneser_ney_models_are_counted_in_the_text() -> None:
    """Pruned to the same size, the model whose histories were counted predicts new text better (Chelba et al. 2010)."""
    counts = lmkit.count_ngrams(train_text("en"), 3)
    model = lmkit.kneser_ney(counts)
    with pytest.raises(DataError) as refused:
        prune(model, 1e-6)
    assert str(refused.value) == (
        "a modified-kneser-ney model cannot tell how frequent its histories are: its lower orders are no marginals of the higher ones.\n"
        "Give the counts it was made from with --history COUNTS, or --history self to do as SRILM does without a history model."
    )
    counted, own = (prune(model, keep=1500, history=history) for history in (counts, model))
    figures = [lmkit.perplexity(pruned.model, held_out_text("en")).perplexity for pruned in (counted, own)]
    assert figures[0] < figures[1]


def test_the_probability_of_a_history_is_its_share_of_the_counted_text() -> None:
    text = train_text("fr").read_text(encoding="utf-8").splitlines()
    expected = count(text, 2)
    tokens = sum(len(line.split()) + 1 for line in text)
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    half = lmkit.count_ngrams(io.BytesIO("\n".join(text[200:]).encode()), 3)  # other words, other numbers
    for model in (lmkit.kneser_ney(counts), lmkit.kneser_ney(half)):
        words = [word.decode() for word in model.vocabulary.words]
        unigrams, bigrams = given_history_probs(model, counts)
        pairs = zip(*(column.tolist() for column in ngram_words(model.orders, 2, 0, len(bigrams))), strict=True)
        assert bigrams == pytest.approx([expected[words[one], words[two]] / tokens for one, two in pairs])
        assert unigrams == pytest.approx([expected[word,] / tokens for word in words])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either a threshold or a number of n-grams to keep is needed, and not both."),
        ({"threshold": 0.0}, "the threshold is 0; it must be above 0."),
        ({"threshold": math.nan}, "the threshold is nan; it must be above 0."),
        ({"keep": -1}, "-1 n-grams cannot be kept; the number must be 0 or more."),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        prune(lmkit.witten_bell(lmkit.count_ngrams(train_text("fr"), 2)), **options)  # type: ignore[call-overload]
    assert str(refused.value) == message


def test_stupid_backoff_is_not_pruned_by_entropy() -> None:
    with pytest.raises(DataError, match=r"^the model \(smoothing: stupid-backoff\) cannot be pruned by entropy"):
        prune(lmkit.stupid_backoff(lmkit.count_ngrams(train_text("fr"), 2)), 1e-6)


def test_states_follow_the_longest_stored_history() -> None:
    """In the pruned model of b c | a b c, where only "a b" is left of the bigrams, "a b" links to "b", and "b c" is no state."""
    counts = lmkit.count_ngrams(io.BytesIO(b"a b c\nb c\n"), 3)
    model = lmkit.witten_bell(counts)
    states = HistoryStates(model.orders, len(model.vocabulary))
    a, b, c = (counts.vocabulary.ids[word] for word in (b"a", b"b", b"c"))
    assert [int(link) for link in states.links[0][[a, b, c]]] == [EMPTY] * 3
    state, found = np.array([EMPTY], np.int32), []
    for word in (a, b, c, b, a):
        _, state = states.step(state, np.array([word], np.int32), model.log10_probs, model.log10_backoffs)
        found.append(int(state[0]))
    types = len(counts.vocabulary)
    pairs = list(
        zip(*(column.tolist() for column in ngram_words(model.orders, 2, 0, len(model.orders[1]))), strict=True)
    )
    assert found == [a, types + pairs.index((a, b)), types + pairs.index((b, c)), b, a]


@pytest.mark.parametrize("language", LANGUAGES)
def test_backoffs_of_a_model_are_those_that_normalise_it(language: str) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), 4), precision="double")
    backoffs, probs = normalize_backoffs(model.orders, len(model.vocabulary), model.log10_probs)
    for own, made, order in zip(model.log10_backoffs, backoffs, model.orders[1:], strict=True):
        has_followers = np.diff(order.indptr) > 0
        assert made[has_followers] == pytest.approx(own[has_followers], abs=1e-12)
        assert not made[~has_followers].any()
    assert all(np.array_equal(one, other) for one, other in zip(probs, model.log10_probs, strict=True))


def test_a_share_keeps_that_part_of_the_ngrams_of_orders_2_and_above(lmkit_run: Run, tmp_path: Path) -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(train_text("en"), 3))
    lmkit.save(model, tmp_path / "m.safetensors")
    half = (len(model.orders[1]) + len(model.orders[2])) // 2
    line = ["ngram", "prune", "-q", tmp_path / "m.safetensors", "--keep"]
    for name, wanted in {"share": "50%", "number": half}.items():
        assert lmkit_run(*line, wanted, "-o", tmp_path / f"{name}.arpa").code == 0
    share, number = ((tmp_path / f"{name}.arpa").read_bytes() for name in ("share", "number"))
    assert share == number
    kept = lmkit.load_model(tmp_path / "share.arpa")
    assert half * 0.95 <= len(kept.orders[1]) + len(kept.orders[2]) < half * 1.05  # histories of what is kept stay, too
    for wrong in ("120%", "0.5", "-1", "half"):
        result = lmkit_run(*line, wrong, "-o", tmp_path / "x.arpa")
        assert (result.code, "Write it as 50% or 20000." in result.err) == (2, True)
