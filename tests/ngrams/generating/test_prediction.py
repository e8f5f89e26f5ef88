"""The next word: the whole distribution, from Python and from the command line."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from tests.backoff_models import random_model
from tests.conftest import REFERENCE, TOY, Result, text_file, train_text
from tests.laws.test_laws import orders, sentences, stream

Run = Callable[..., Result]


def test_the_distribution_of_the_worked_example(lmkit_run: Run, toy_counts: Path) -> None:
    """`le` is followed by chat twice and by chien once; all other events have probability 0, in code point order."""
    result = lmkit_run("next", toy_counts, "le", "--top", 4)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "word\tprobability\tlog10_prob\torder",
        "chat\t0.6666666667\t-0.1760913\t2",
        "chien\t0.3333333333\t-0.4771213\t2",
        "</s>\t0\t-inf\t1",
        "<unk>\t0\t-inf\t1",
    ]


def test_the_history_begins_a_sentence_unless_told_otherwise(lmkit_run: Run, toy_counts: Path) -> None:
    """Two of three sentences begin with `le`, one with `elle`; of all 20 events, 3 are </s> and 3 are `le`. After zzz nothing was seen."""
    assert lmkit_run("next", toy_counts, "--top", 2).out.splitlines()[1:] == [
        "le\t0.6666666667\t-0.1760913\t2",
        "elle\t0.3333333333\t-0.4771213\t2",
    ]
    model = lmkit.load_model(toy_counts)
    assert lmkit.next_words(model).history == ["<s>"]
    assert lmkit.next_words(model, "le", start=False).history == ["le"]
    assert lmkit_run("next", toy_counts, "--no-start", "--top", 2).out.splitlines()[1:] == [
        "</s>\t0.15\t-0.8239087\t1",
        "le\t0.15\t-0.8239087\t1",
    ]
    after_unseen = lmkit_run("next", toy_counts, "zzz", "--no-start", "--top", 1)
    assert after_unseen.err.splitlines()[-1] == "lmkit: no word has a probability above 0 after this history"
    assert lmkit_run("next", toy_counts, "zzz", "--no-start", "--quiet").err == ""


def test_json_is_one_object_with_history_and_signature(lmkit_run: Run, toy_counts: Path) -> None:
    result = lmkit_run("next", toy_counts, "le zzz", "--top", 1, "--json")
    assert result.err.startswith("lmkit: not in the vocabulary, read as <unk>: zzz\n")
    assert json.loads(result.out) == {
        "history": ["<s>", "le", "<unk>"],
        "oov": ["zzz"],
        "signature": lmkit.load_model(toy_counts).signature(),
        "next": [{"word": "</s>", "probability": 0.0, "log10_prob": None, "order": 1}],
    }


def test_all_events_are_listed_and_sum_to_one(lmkit_run: Run, french_model: Path) -> None:
    for history in ("", "le", "de la", "zzz zzz"):
        rows = json.loads(lmkit_run("next", french_model, history, "--top", 0, "--json", "--quiet").out)["next"]
        assert len(rows) == lmkit.load_model(french_model).events
        assert math.fsum(row["probability"] for row in rows) == pytest.approx(1, abs=1e-6)
        assert {row["word"] for row in rows} >= {"</s>", "<unk>"}
        assert [(-row["log10_prob"], row["word"]) for row in rows] == sorted(
            (-r["log10_prob"], r["word"]) for r in rows
        )
    table = lmkit_run("next", french_model, "de la", "--top", 0).out.splitlines()[1:]
    assert math.fsum(float(line.split("\t")[1]) for line in table) == pytest.approx(1, abs=1e-6)


@given(sentences, orders, st.integers(1, 20))
def test_probabilities_are_those_of_single_words_and_their_orders_those_of_scoring(
    lines: list[str], order: int, top: int
) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(stream(lines), order), discounts=(0.5, 1, 1.5), precision="double")
    for history in ("a", "b c", "zzz", ""):
        found = lmkit.next_words(model, history)
        assert found.probabilities.sum() == pytest.approx(1, abs=1e-9)
        assert found.orders is not None
        for word, probability, matched in zip(found.words, found.probabilities, found.orders, strict=True):
            assert probability == pytest.approx(lmkit.probability(model, word, f"<s> {history}"), rel=1e-12)
            if word not in {"</s>", "<unk>"}:
                scored = lmkit.score_sentence(model, f"{history} {word}")[-2]
                assert scored.order == matched
                assert scored.log10_prob == pytest.approx(math.log10(probability))
        few = lmkit.next_words(model, history, top=top)
        assert few.words == found.words[:top]
        assert np.array_equal(few.probabilities, found.probabilities[:top])


def test_a_closed_vocabulary_has_no_unknown_word() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 2), closed=True, precision="double")
    found = lmkit.next_words(model, "the zzz")
    assert "<unk>" not in found.words
    assert len(found.words) == model.events
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-9)


def test_models_of_other_tools_predict_too() -> None:
    model = lmkit.load_model(REFERENCE / "srilm" / "fr.mkn_unk.o3.prune1e-5.arpa.gz")
    found = lmkit.next_words(model, "de la", start=False, top=3)
    for word, probability in zip(found.words, found.probabilities, strict=True):
        assert probability == lmkit.probability(model, word, "de la")
    assert list(found.probabilities) == sorted(found.probabilities, reverse=True)


def test_an_order_of_one_forgets_the_history() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 1), discount_fallback="fixed")
    assert lmkit.next_words(model, "le chat").words == lmkit.next_words(model).words
    orders = lmkit.next_words(model, "le chat").orders
    assert orders is not None
    assert orders.tolist() == [1] * model.events


def test_equally_probable_words_come_by_code_point(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(text_file(tmp_path, "é z Z a!\n"), 1)
    assert lmkit.next_words(counts).words == ["</s>", "Z", "a!", "z", "é", "<unk>"]
    assert lmkit.next_words(counts, top=3).words == ["</s>", "Z", "a!"]


def test_the_history_is_shaped_as_the_training_text_was(tmp_path: Path) -> None:
    settings = lmkit.TextSettings(lowercase=True, normalize="nfc")
    counts = lmkit.count_ngrams(text_file(tmp_path, "élan vital\n"), 2, settings=settings)
    found = lmkit.next_words(counts, "E\u0301LAN", top=1)
    assert (found.history, found.oov, found.words) == (["<s>", "élan"], [], ["vital"])


def test_the_unknown_word_may_stand_in_a_history() -> None:
    model = random_model(1, 3)
    assert lmkit.next_words(model, "a <unk>").history == ["<s>", "a", "<unk>"]


@pytest.mark.parametrize("mark", ["<s>", "</s>"])
def test_marks_of_sentences_are_no_history(lmkit_run: Run, toy_counts: Path, mark: str) -> None:
    result = lmkit_run("next", toy_counts, f"{mark} le")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"lmkit: '{mark} le' contains {mark}.\nGive the words alone: lmkit sets the marks of sentences itself.\n"
    )
    with pytest.raises(UsageError):
        lmkit.next_words(lmkit.load_model(toy_counts), f"le {mark}")


def test_what_is_no_text_is_refused(toy_counts: Path) -> None:
    with pytest.raises(DataError, match=r"^'le \\udce9' is not valid UTF-8\.\n"):
        lmkit.next_words(lmkit.load_model(toy_counts), "le \udce9")
    with pytest.raises(DataError, match="control byte 0x01"):
        lmkit.next_words(lmkit.load_model(toy_counts), "le \x01")


def test_bad_input_is_refused(lmkit_run: Run, toy_counts: Path, tmp_path: Path) -> None:
    missing, empty = lmkit_run("next", tmp_path / "missing"), lmkit_run("next", text_file(tmp_path, ""))
    assert (missing.code, empty.code) == (1, 1)
    assert missing.err.startswith("lmkit: ")
    assert empty.err.startswith("lmkit: ")
    assert lmkit_run("next", toy_counts, "--top", -1).code == 2


def test_help_shows_an_example_and_the_cost_in_memory(lmkit_run: Run) -> None:
    out = lmkit_run("next", "--help").out
    assert "\n  lmkit next" in out
    assert "Memory: " in out
