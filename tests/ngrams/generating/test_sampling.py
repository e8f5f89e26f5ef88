"""Sampling: what is drawn has the probabilities that the model gives, whatever the model is."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import lmkit
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.generating import proposals, sampling, top_words
from lmkit.ngrams.generating.histories import Histories, States
from lmkit.ngrams.generating.proposals import Proposals
from lmkit.ngrams.generating.sampling import ATTEMPTS, Sampler
from lmkit.ngrams.generating.top_words import TopWords
from lmkit.scoring.generating.choosing import NO_WORD, UNITS
from lmkit.scoring.generating.draws import Draws, WordDraws
from lmkit.text.vocabulary import BOS, UNK
from tests.backoff_models import random_model, read, tempered
from tests.conftest import REFERENCE, TOY, held_out_text, train_text
from tests.laws.test_laws import histories, orders, sentences, stream

temperatures = st.sampled_from([0.01, 0.3, 1.0, 1.7, 50.0])

# A word that is frequent everywhere but here: nearly all proposals are refused.
REFUSING = """\
\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-99\t<s>\t3
-0.05\ta
-2\tb
-3\t</s>
-3\t<unk>

\\2-grams:
-4\t<s> a
-0.5\t<s> b

\\end\\
"""


def state_of(model: lmkit.NgramModel, history: Sequence[str]) -> States:
    """(order, 1) the state after a history."""
    return Histories(model).state_after([model.vocabulary.id_of(word) for word in history])


def all_excluded(model: lmkit.NgramModel, unknown: bool) -> NDArray[np.bool_]:
    """(types,) what is never drawn."""
    mask = np.zeros(len(model.vocabulary), bool)
    mask[BOS], mask[UNK] = True, not unknown
    return mask


def accepted(model: lmkit.NgramModel, history: Sequence[str], temperature: float, unknown: bool) -> NDArray[np.float64]:
    """(types,) the probabilities with which words are proposed and accepted at an attempt."""
    table = Proposals(model, Histories(model), all_excluded(model, unknown), temperature)
    state = state_of(model, history)
    table.prepare(state)
    proposed, mass = np.zeros(len(model.vocabulary)), 1.0
    for length in range(model.order - 1, -1, -1):
        entry, order = int(state[length, 0]), model.orders[length]
        if entry < 0:
            continue
        row = slice(*order.indptr[entry : entry + 2].tolist())
        own = np.diff(table.shares[length][row], prepend=0) / UNITS
        tail = table.tails[length][entry] / UNITS
        if own.sum() + tail == 0:
            return proposed
        proposed[order.indices[row]] += mass * own / (own.sum() + tail)
        mass *= tail / (own.sum() + tail)
    words = np.flatnonzero(proposed)
    proposed[words] *= table.acceptance(np.repeat(state, len(words), axis=1), words)
    return proposed


def check_drawn(model: lmkit.NgramModel, known: list[tuple[str, ...]], temperature: float, unknown: bool) -> None:
    """After every history, words are drawn with the probabilities of the definition.

    Where nearly all proposals are refused, this matters as little as it can be told from the few that are not.
    Histories here may be shorter than those of a sentence, which begins with <s>: after them, the model that backs off is meant.
    """
    model = backing_off(model)
    for history in known:
        expected = tempered(model, history, temperature=temperature, unknown=unknown)
        found = accepted(model, history, temperature, unknown)
        assert bool(found.sum()) <= bool(expected.sum())
        share = 1 - (1 - found.sum()) ** ATTEMPTS  # of words that are not drawn otherwise in the end
        assert share * found / (found.sum() or 1) == pytest.approx(share * expected, abs=1e-9), history


@given(st.integers(0, 10**6), st.integers(1, 5), temperatures, st.booleans())
@example(0, 4, 1.0, True)
def test_any_backoff_model_is_sampled_with_its_probabilities(
    seed: int, order: int, temperature: float, unknown: bool
) -> None:
    model = random_model(seed, order)
    check_drawn(model, [("<s>",), ("<s>", "c"), *product(["a", "b", "<unk>"], repeat=order - 1)], temperature, unknown)


@given(sentences, orders, temperatures, st.booleans(), st.booleans())
def test_smoothed_models_are_sampled_with_their_probabilities(
    lines: list[str], order: int, temperature: float, unknown: bool, closed: bool
) -> None:
    counts = lmkit.count_ngrams(stream(lines), order)
    for model in (
        lmkit.kneser_ney(counts, discounts=(0.4, 0.9, 1.2), closed=closed),
        lmkit.laplace(counts, 0.1, closed=closed),
        lmkit.maximum_likelihood(counts, closed=closed),
    ):
        check_drawn(model, histories(lines, order), temperature, unknown)


@pytest.mark.parametrize("name", ["katz_unk.o3", "wb_unk.o3", "mkn_unk.o3.prune1e-5", "mkn_unk.o5", "mkn_nounk.o3"])
def test_models_of_another_tool_are_sampled_with_their_probabilities(name: str) -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / f"fr.{name}.arpa.gz")
    check_drawn(model, [("<s>",), ("<s>", "le"), ("de", "la"), ("l'", "eau", "est"), ("zzz", "le")], 0.8, unknown=True)


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 7), temperatures, st.booleans())
def test_the_most_probable_words_are_those_of_all(
    seed: int, order: int, top: int, temperature: float, unknown: bool
) -> None:
    model = random_model(seed, order)
    chooser = TopWords(model, Histories(model), all_excluded(model, unknown), top, temperature)
    known = [("<s>",), *product(["a", "b", "<unk>"], repeat=order - 1)]
    distinct = {tuple(state_of(model, history)[:, 0].tolist()): history for history in known}
    best = chooser.find(np.array(list(distinct)).T)
    for number, history in enumerate(distinct.values()):
        found = best.words[best.bounds[number] : best.bounds[number + 1]].tolist()
        expected = tempered(model, history, unknown=unknown, top=top)
        assert sorted(found) == np.flatnonzero(expected).tolist(), history


@pytest.mark.parametrize("top", [1, 3, 40, 10**6])
def test_the_most_probable_words_of_natural_text_are_those_of_all(top: int) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    lines = held_out_text("fr").read_text(encoding="utf-8").splitlines()[:20]
    known = sorted({("<s>", *words[:k]) for line in lines for words in [line.split()] for k in range(4)})
    for model in (lmkit.kneser_ney(counts), lmkit.laplace(counts), lmkit.maximum_likelihood(counts)):
        chooser = TopWords(model, Histories(model), all_excluded(model, unknown=False), top)
        distinct = {tuple(state_of(model, history)[:, 0].tolist()): history for history in known}
        best = chooser.find(np.array(list(distinct)).T)
        for number, history in enumerate(distinct.values()):
            here = slice(*best.bounds[number : number + 2].tolist())
            logs = lmkit.conditional_log10_probs(model, " ".join(history))
            expected = np.flatnonzero(tempered(model, history, top=top))
            assert np.array_equal(np.sort(best.words[here]), expected)
            # but for the last digit: sums of logarithms here, products there
            np.testing.assert_allclose(best.log10_probs[here], logs[best.words[here]], rtol=1e-14)


class EvenlySpread(WordDraws):
    """In place of random numbers, evenly spread ones: in row 0 sentence i of n has (i + 1/2) / n, in others i times the golden ratio."""

    def take(self, row: int, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """(places,) at most a few of n further from where they should be than 1 / n."""
        numbers: NDArray[np.float64] = (
            np.fmod(places * ((1 + math.sqrt(5)) / 2), 1.0) if row else (places + 0.5) / len(self.sentences)
        )
        return numbers


@given(st.integers(0, 10**6), st.integers(1, 4), temperatures, st.booleans())
def test_when_words_are_weighed_they_have_their_probabilities(
    seed: int, order: int, temperature: float, unknown: bool
) -> None:
    model, size = random_model(seed, order), 1000
    for history in (("<s>",), ("a", "b", "a")):
        sampler = Sampler(model, Histories(model), all_excluded(model, unknown), temperature)
        states = np.repeat(state_of(model, history), size, axis=1)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sampling, "ATTEMPTS", 0)
            words = sampler.draw(states, EvenlySpread(Draws(0), 0, np.arange(size)))
        expected = tempered(model, history, temperature=temperature, unknown=unknown)
        if not expected.any():
            assert set(words.tolist()) == {NO_WORD}
            continue
        found = np.bincount(words, minlength=len(expected)) / size
        assert found == pytest.approx(expected, abs=4 / size)


def test_words_that_are_frequent_elsewhere_are_refused() -> None:
    """After <s>, with backoff 10^3, words are proposed with weights 10^2.95 (a), 10 (b), 1 (</s>), 1 (<unk>), which is what
    backing off gives; accepted are 10^-4 of a, 10^-0.5 of b, and all of the others.
    """
    found = accepted(read(REFUSING), ["<s>"], 1.0, unknown=True)
    assert found.sum() == pytest.approx((1e-4 + 10**-0.5 + 2) / (10**2.95 + 12), rel=1e-9)


def test_a_history_without_any_continuation_gives_no_word() -> None:
    model = lmkit.maximum_likelihood(lmkit.count_ngrams(TOY, 2))
    sampler = Sampler(model, Histories(model), all_excluded(model, unknown=False))
    states = np.concatenate([state_of(model, [word]) for word in ("<unk>", "boit", "zzz")], axis=1)
    words = sampler.draw(states, WordDraws(Draws(0), 0, np.arange(3))).tolist()
    assert words == [NO_WORD, model.vocabulary.id_of("du"), NO_WORD]


def test_what_is_kept_and_how_it_is_cut_into_pieces_changes_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3))
    options: dict[str, Any] = {"seed": 3, "max_length": 15}
    expected = [lmkit.generate(model, 40, top=top, **options) for top in (None, 5)]
    monkeypatch.setattr(proposals, "PIECE", 3)
    monkeypatch.setattr(top_words, "KEPT", 20)
    assert [lmkit.generate(model, 40, top=top, **options) for top in (None, 5)] == expected


def test_random_numbers_have_places() -> None:
    """Number i of row r is output i of PCG64(seed) jumped r times, in whatever order they are asked for."""
    draws = Draws(11)
    for row, first, last in ((3, 5, 9), (0, 0, 2), (3, 0, 7), (200, 1, 4)):
        raw = np.random.PCG64(11).jumped(row).random_raw(last)[first:].tolist()
        assert draws.numbers(row, first, last).tolist() == [(value >> 11) / 2**53 for value in raw]


def test_random_numbers_are_those_of_the_sentences() -> None:
    draws, sentence_numbers = Draws(4), np.array([2, 3, 50])
    found = WordDraws(draws, 6, sentence_numbers).take(1, np.array([0, 2])).tolist()
    assert found == [draws.numbers(7, 2, 3)[0], draws.numbers(7, 50, 51)[0]]
    assert WordDraws(draws, 6, sentence_numbers).take(1, np.array([], np.int64)).tolist() == []


def test_states_say_which_ngrams_of_the_last_words_are_stored() -> None:
    """Of `elle voit le chat`, the model knows chat, le chat, voit le chat; of `zzz le chat` <unk>, but not <unk> le."""
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 4), discount_fallback="fixed")
    stored: dict[str, list[bool]] = defaultdict(list)
    for history in ("<s> elle voit le chat", "zzz le chat", "zzz", ""):
        stored[history] = (state_of(model, history.split())[:, 0] >= 0).tolist()
    assert stored == {
        "<s> elle voit le chat": [True, True, True, True],
        "zzz le chat": [True, True, True, False],
        "zzz": [True, True, False, False],
        "": [True, False, False, False],
    }
