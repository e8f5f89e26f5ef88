"""Checking lmkit's own files: models and counts whose arrays were changed."""

import contextlib
import hashlib
import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import lmkit
from lmkit.engine.files.tensors import read_tensors
from lmkit.errors import DataError
from lmkit.ngrams.trie.orders import Order, find_entry
from lmkit.ngrams.values.interpolated import InterpolatedValues
from lmkit.text.vocabulary import BOS, EOS, UNK
from tests.conftest import CORPORA, TOY, text_file
from tests.summed import said_otherwise, summed_or_not


def with_orders(model: lmkit.NgramModel, orders: tuple[Order, ...]) -> lmkit.NgramModel:
    """The model with other n-grams, and its values as they are."""
    assert isinstance(model.values, InterpolatedValues)
    return replace(model, orders=orders, values=replace(model.values, orders=orders))


def rows(report: lmkit.CheckReport) -> list[str]:
    """The problems, a line each."""
    return [f"{found.level} {found.line} {found.kind}: {found.message}" for found in report.problems]


def text_of(lines: str) -> io.BytesIO:
    """A text to count."""
    return io.BytesIO(lines.encode())


@pytest.fixture
def model() -> lmkit.NgramModel:
    """A Kneser–Ney trigram model of the worked example."""
    return lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed")


@pytest.fixture
def counts() -> lmkit.NgramCounts:
    """Trigram counts of `a b` and `a b a`."""
    return lmkit.count_ngrams(text_of("a b\na b a\n"), 3)


def with_counts(counts: lmkit.NgramCounts, k: int, entry: int, number: int) -> lmkit.NgramCounts:
    """The counts with another count of one n-gram."""
    changed = [array.copy() for array in counts.chain.counts]
    changed[k - 1][entry] = number
    return replace(counts, chain=replace(counts.chain, counts=tuple(changed)))


def entry_of(value: Any, ngram: str) -> int:
    """The entry of an n-gram."""
    return find_entry(value.orders, [value.vocabulary.id_of(word) for word in ngram.split()])


def test_a_probability_above_one_is_told_by_its_words(model: lmkit.NgramModel) -> None:
    probs = [array.copy() for array in model.log10_probs]
    probs[1][entry_of(model, "le chat")] = 0.25
    probs[2][entry_of(model, "le chat boit")] = np.nan
    report = lmkit.check_model(model.with_values(tuple(probs)), tolerance=9)
    assert rows(report) == [
        "error None probability: the 2-gram 'le chat' has no log10 probability of 0 or below",
        "error None probability: the 3-gram 'le chat boit' has no log10 probability of 0 or below",
    ]


def test_a_backoff_beyond_all_measure_is_told_by_its_words(model: lmkit.NgramModel) -> None:
    backoffs = [array.copy() for array in model.log10_backoffs]
    backoffs[0][entry_of(model, "chat")] = 101
    report = lmkit.check_model(model.with_values(log10_backoffs=tuple(backoffs)), tolerance=9)
    assert rows(report) == ["error None backoff: the 1-gram 'chat' has no log10 backoff up to 100"]


def test_a_changed_backoff_shows_in_the_sums(model: lmkit.NgramModel) -> None:
    backoffs = [array.copy() for array in model.log10_backoffs]
    place = entry_of(model, "le chat")
    words = [word.decode() for word in model.vocabulary.words]
    seen = sum(lmkit.probability(model, word, "chat") for word in words if entry_of(model, f"le chat {word}") >= 0)
    expected = 10 ** float(backoffs[1][place]) * (1 - seen)  # what is left after `chat`, once more than it should be
    backoffs[1][place] += np.log10(2)
    report = lmkit.check_model(model.with_values(log10_backoffs=tuple(backoffs)), samples=None)
    assert [found.kind for found in report.problems] == ["sum"]
    assert report.largest_deviation_history == "le chat"
    assert report.largest_deviation == pytest.approx(expected, abs=1e-5)


def test_large_models_are_checked_wholly_though_they_open_at_once(
    model: lmkit.NgramModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmkit.ngrams.files.trust.WHOLE", 0)
    indices = model.orders[1].indices.copy()
    row = int(np.flatnonzero(np.diff(model.orders[1].indptr) > 1)[0])
    first = int(model.orders[1].indptr[row])
    indices[first : first + 2] = indices[first : first + 2][::-1]
    orders = (model.orders[0], replace(model.orders[1], indices=indices), model.orders[2])
    lmkit.save(with_orders(model, orders), tmp_path / "large")
    assert lmkit.load(tmp_path / "large")
    assert rows(lmkit.check_model(tmp_path / "large")) == ["error None damaged: the words of order 2 are not in order"]


def test_all_damaged_arrays_are_told(model: lmkit.NgramModel, tmp_path: Path) -> None:
    second, third = model.orders[1:]
    orders = (
        model.orders[0],
        replace(second, indices=second.indices + np.int32(1000)),
        replace(third, indices=-third.indices),
    )
    lmkit.save(with_orders(model, orders), tmp_path / "m")
    report = lmkit.check_model(tmp_path / "m")
    assert rows(report) == [
        "error None damaged: the words of order 2 are damaged",
        "error None damaged: the words of order 3 are damaged",
        "error None damaged: the words of order 3 are not in order",
    ]
    assert (report.format, report.order, report.histories) == ("model", 3, 0)


@pytest.mark.parametrize("length", [20, 300, -1])
def test_a_file_that_is_cut_short_is_told_as_a_problem(model: lmkit.NgramModel, tmp_path: Path, length: int) -> None:
    lmkit.save(model, tmp_path / "m")
    path = text_file(tmp_path, (tmp_path / "m").read_bytes()[:length], "cut")
    (row,) = rows(lmkit.check_model(path))
    assert row.startswith("error None damaged: the file is damaged or cut short (")


def test_a_safetensors_file_of_others_is_told_as_a_problem(tmp_path: Path) -> None:
    safetensors.numpy.save_file({"x": np.zeros(3)}, tmp_path / "x.safetensors")
    assert rows(lmkit.check_model(tmp_path / "x.safetensors")) == [
        "error None damaged: a safetensors file, but not one of lmkit's."
    ]


def without_suffix(tmp_path: Path) -> str:
    """The ARPA text of a model of lmkit's own in which the 2-gram 'b a' is missing, though 'a b a' is there."""
    counts = lmkit.count_ngrams(text_of("a b a\n"), 3)
    lmkit.save(lmkit.laplace(counts), tmp_path / "x.arpa")
    lines = (tmp_path / "x.arpa").read_text(encoding="utf-8").replace("ngram 2=4", "ngram 2=3").split("\n")
    kept = [line for line in lines if "\tb a" not in line]
    text = "\n".join(kept).replace("ngram 3=3", "ngram 3=2")
    return "\n".join(line for line in text.split("\n") if "\tb a </s>" not in line)


def test_a_missing_suffix_is_a_warning_whoever_made_the_model(tmp_path: Path) -> None:
    text = without_suffix(tmp_path)
    report = lmkit.check_model(text_of(text), tolerance=9)
    line = next(number for number, line in enumerate(text.split("\n"), start=1) if line.endswith("\ta b a"))
    assert rows(report) == [
        f"warning {line} missing-suffix: the 3-gram 'a b a' ends with 'b a', which is not among the 2-grams"
    ]
    lmkit.save(lmkit.load(text_file(tmp_path, text, "y.arpa")), tmp_path / "own")
    (row,) = rows(lmkit.check_model(tmp_path / "own", tolerance=9))
    assert row.startswith("warning None missing-suffix: the 3-gram 'a b a' ends with 'b a'")
    foreign = text.split("\n", 1)[1]
    (row,) = rows(lmkit.check_model(text_of(foreign), tolerance=9))
    assert (
        row == f"warning {line - 1} missing-suffix: the 3-gram 'a b a' ends with 'b a', which is not among the 2-grams"
    )


def test_counts_of_an_ngram_must_be_those_of_what_surrounds_it(counts: lmkit.NgramCounts) -> None:
    """A b: 2, <s> a b: 2, a b a: 1, a b </s>: 1."""
    assert rows(lmkit.check_model(counts)) == []
    changed = with_counts(counts, 2, entry_of(counts, "a b"), 5)
    assert rows(lmkit.check_model(changed)) == [
        "error None history-count: the 1-gram 'a' has a count of 3, and the 2-grams that begin with it 6",
        "error None history-count: the 2-gram 'a b' has a count of 5, and the 3-grams that begin with it 2",
        "error None suffix-count: the 1-gram 'b' has a count of 2, and the 2-grams that end with it 5",
        "error None suffix-count: the 2-gram 'a b' has a count of 5, and the 3-grams that end with it 2",
    ]


def test_sentences_have_one_mark_of_each_kind(counts: lmkit.NgramCounts) -> None:
    report = lmkit.check_model(with_counts(counts, 1, BOS, 3))
    assert rows(report) == [
        "error None sentences: <s> has a count of 3, and </s> of 2: each sentence has one of both",
        "error None history-count: the 1-gram '<s>' has a count of 3, and the 2-grams that begin with it 2",
    ]


def test_words_without_a_count_are_odd_unless_the_vocabulary_was_given(counts: lmkit.NgramCounts) -> None:
    report = lmkit.check_model(with_counts(counts, 1, UNK, 1))
    assert rows(report) == [
        "error None history-count: the 1-gram '<unk>' has a count of 1, and the 2-grams that begin with it 0",
        "error None suffix-count: the 1-gram '<unk>' has a count of 1, and the 2-grams that end with it 0",
        "warning None unknown: <unk> has a count of 1, though the vocabulary was not limited",
    ]
    words = text_of("a\nb\nc\n")
    given = lmkit.count_ngrams(text_of("a b\nz\n"), 2, vocabulary=words)
    assert rows(lmkit.check_model(given)) == []
    assert rows(lmkit.check_model(replace(given, fixed_vocabulary=False))) == [
        "warning None unknown: <unk> has a count of 1, though the vocabulary was not limited",
        "warning None unseen: 1-grams with a count of 0: 1, the first of which is the 1-gram 'c'",
    ]


def test_a_wrong_link_to_a_suffix_is_told(counts: lmkit.NgramCounts) -> None:
    suffixes = [array.copy() for array in counts.chain.suffixes]
    suffixes[2][entry_of(counts, "a b a")] = entry_of(counts, "<s> a")
    changed = replace(counts, chain=replace(counts.chain, suffixes=tuple(suffixes)))
    assert rows(lmkit.check_model(changed)) == ["error None suffix: the 3-gram 'a b a' has a wrong link to its suffix"]


def test_marks_stand_at_the_ends_of_sentences(counts: lmkit.NgramCounts) -> None:
    indices = counts.orders[1].indices.copy()
    indices[entry_of(counts, "a </s>")] = EOS
    indices[entry_of(counts, "b a")] = BOS  # b </s> stands before it
    changed = replace(
        counts,
        chain=replace(
            counts.chain, orders=(counts.orders[0], replace(counts.orders[1], indices=indices), counts.orders[2])
        ),
    )
    found = rows(lmkit.check_model(changed))
    assert found[0] == "error None bos-inside: the 2-gram 'b <s>' has <s> after its first place"


def test_counts_that_cannot_be_are_damaged(counts: lmkit.NgramCounts, tmp_path: Path) -> None:
    lmkit.save(with_counts(counts, 2, 0, 0), tmp_path / "c")
    report = lmkit.check_model(tmp_path / "c")
    assert rows(report) == ["error None damaged: the counts of order 2 do not fit"]
    assert report.format == "counts"


@pytest.mark.parametrize("cutoff", [1, 2, 5])
def test_counts_of_texts_add_up_with_any_cutoff_and_after_merging(cutoff: int) -> None:
    for order in (1, 2, 4):
        parts = [lmkit.count_ngrams(CORPORA / f"en.{name}.tok", order) for name in ("train", "test")]
        assert rows(lmkit.check_model(lmkit.merge_counts(parts))) == []
        assert rows(lmkit.check_model(lmkit.count_ngrams(CORPORA / "en.train.tok", order, cutoff=cutoff))) == []


@pytest.mark.parametrize("kind", ["model", "counts"])
def test_flipped_bits_with_right_checksums_are_told_or_harmless_and_never_a_crash(
    tmp_path: Path, model: lmkit.NgramModel, kind: str
) -> None:
    lmkit.save(model if kind == "model" else lmkit.count_ngrams(TOY, 3), tmp_path / "file")
    data = (tmp_path / "file").read_bytes()
    generator = random.Random(3)  # noqa: S311
    found = 0
    for _ in range(300):
        damaged = bytearray(data)
        damaged[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        path = text_file(tmp_path, summed_or_not(bytes(damaged)), "flipped")
        try:
            report = lmkit.check_model(path, samples=None)
        except DataError as error:
            assert "this is not a model" in str(error) or "are needed" in str(error)  # noqa: PT017 (only sometimes raised)
            continue
        found += not report.ok
        if report.ok:
            assert lmkit.load(path)
        elif kind == "model":
            with contextlib.suppress(DataError):
                assert set(lmkit.repair_model(path).report.totals["error"]) <= {"sum"}
    assert found > 50


def test_a_check_knows_the_digest_of_the_file_and_those_of_its_arrays(tmp_path: Path, model: lmkit.NgramModel) -> None:
    path = tmp_path / "m.safetensors"
    lmkit.save(model, path)
    assert lmkit.check_model(path).as_dict()["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert lmkit.check_model(model).sha256 is None
    digests = json.loads(read_tensors(path.read_bytes())[1]["sha256"])
    assert digests["counts.2"] == hashlib.sha256(safetensors.numpy.load_file(path)["counts.2"].tobytes()).hexdigest()


def test_an_array_with_right_sums_and_another_digest_is_told_by_a_check(
    tmp_path: Path, model: lmkit.NgramModel
) -> None:
    stream = io.BytesIO()
    lmkit.save(model, stream)
    digests = json.loads(read_tensors(stream.getvalue())[1]["sha256"])
    other = said_otherwise(stream.getvalue(), sha256=json.dumps(digests | {"counts.2": digests["counts.3"]}))
    path = text_file(tmp_path, other, "m.safetensors")
    assert lmkit.load(path)
    told = "the file is damaged or cut short (array counts.2 has another SHA-256 than it was written with)."
    assert rows(lmkit.check_model(path)) == [f"error None damaged: {told}"]
