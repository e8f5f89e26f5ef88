"""Exchange finds classes with which the text is likely, and never makes it less likely."""

import io
import itertools
import tracemalloc
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.classes.exchange import exchanging, logarithms, predictive, two_sided
from lmkit.classes.exchange.choices import Objective
from lmkit.classes.exchange.pairs import Bigrams
from lmkit.text.vocabulary import FIRST_WORD
from tests.conftest import LANGUAGES, train_text
from tests.word_classes.plain import (
    Text,
    best_of_all,
    bits,
    counted,
    mapping,
    one_at_a_time,
    random_text,
)

OBJECTIVES = get_args(Objective)
TWO_KINDS: Text = [
    line.split()
    for line in ("a cat sleeps", "the dog eats", "a dog sleeps", "the cat eats", "a cat eats", "the dog sleeps")
]


def sentences_of(language: str) -> Text:
    """The training text of a language."""
    return [line.split() for line in train_text(language).read_text(encoding="utf-8").splitlines()]


def written(classes: lmkit.WordClasses) -> bytes:
    """The file of the classes."""
    stream = io.BytesIO()
    lmkit.write_classes(classes, stream)
    return stream.getvalue()


def test_words_that_stand_in_the_same_places_are_in_one_class() -> None:
    found = mapping(lmkit.train_classes(counted(TWO_KINDS), 3, objective="two-sided", starts=5))
    assert found["a"] == found["the"]
    assert found["cat"] == found["dog"]
    assert found["sleeps"] == found["eats"]
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(seed=st.integers(0, 1000), number=st.integers(2, 4))
def test_the_bits_are_those_of_the_definition(objective: Objective, seed: int, number: int) -> None:
    text, told = random_text(seed), list[lmkit.ExchangePass]()
    classes = lmkit.train_classes(counted(text), number, objective=objective, watch=told.append)
    assert told[-1].bits == pytest.approx(bits(text, mapping(classes), objective), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(6))
def test_the_best_of_all_partitions_of_a_toy_text_is_found(objective: Objective, seed: int) -> None:
    text = random_text(seed, "abcdefg")
    classes = lmkit.train_classes(counted(text), 3, objective=objective, passes=50, starts=60)
    assert bits(text, mapping(classes), objective) == pytest.approx(best_of_all(text, 3, objective), abs=1e-9)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("frequent", [exchanging.FREQUENT, 1])
def test_the_objective_never_falls_however_many_words_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch, objective: Objective, frequent: int
) -> None:
    monkeypatch.setattr(exchanging, "FREQUENT", frequent)
    told: list[lmkit.ExchangePass] = []
    classes = lmkit.train_classes(
        lmkit.count_ngrams(train_text("en"), 2), 30, objective=objective, passes=40, watch=told.append
    )
    assert all(after.bits < before.bits or not after.moved for before, after in itertools.pairwise(told))
    assert [each.number for each in told] == list(range(len(told)))
    assert min(map(len, classes.members)) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_words_at_a_time_reach_what_one_at_a_time_reaches(language: str) -> None:
    text = sentences_of(language)
    words = sorted({word for sentence in text for word in sentence})
    first = {word: str(place % 20) for place, word in enumerate(words)}
    alone = bits(text, one_at_a_time(text, first, 10), "predictive")
    together = bits(text, mapping(lmkit.train_classes(counted(text), 20, passes=10)), "predictive")
    assert together < 1.005 * alone


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_threads_change_nothing_and_seeds_do(objective: Objective) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    files = {
        (workers, seed): written(
            lmkit.train_classes(
                counts, 20, objective=objective, passes=2, seed=seed, resources=lmkit.Resources(workers=workers)
            )
        )
        for workers, seed in ((1, 1), (3, 1), (1, 2))
    }
    assert files[1, 1] == files[3, 1] != files[1, 2]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_small_pieces_and_tables_give_the_same_classes(monkeypatch: pytest.MonkeyPatch, objective: Objective) -> None:
    counts = lmkit.count_ngrams(train_text("en"), 2)
    expected = written(lmkit.train_classes(counts, 9, objective=objective, passes=2))
    for module in (predictive, two_sided):
        monkeypatch.setattr(module, "CELLS", 500)
    for name in ("LARGEST", "LARGEST_GROWN"):
        monkeypatch.setattr(logarithms, name, 3)
    assert written(lmkit.train_classes(counts, 9, objective=objective, passes=2)) == expected


def test_tables_of_words_and_classes_are_made_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    words, classes = 4000, 200
    bigrams = Bigrams.of(counted([[f"w{number}" for number in range(words)]]))
    of_words = np.arange(len(bigrams.ids), dtype=np.int32) % classes
    of_words[:FIRST_WORD] = -1
    monkeypatch.setattr(predictive, "CELLS", 10_000)
    tracemalloc.start()
    try:
        tables = predictive.Predictive(bigrams, of_words, classes)
        tables.log_likelihood()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    table = 4 * words * classes  # bytes
    assert kept > 2 * table
    assert peak - kept < table / 2


def test_growth_from_a_table_is_that_of_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([[0, 1, 5], [9, 2, 0]], np.int32)
    more = np.array([2, 16], np.int32)
    expected = [
        [(a + n) * np.log(a + n) - (a * np.log(a) if a else 0) for a in row]
        for row, n in zip(x.tolist(), [2, 16], strict=True)
    ]
    assert logarithms.Growth(9).of(x.copy(), more) == pytest.approx(np.array(expected), rel=1e-6)
    assert logarithms.Products(25).growth(x, more[:, np.newaxis]) == pytest.approx(np.array(expected))
    monkeypatch.setattr(logarithms, "LARGEST", 4)
    monkeypatch.setattr(logarithms, "LARGEST_GROWN", 4)
    assert logarithms.Growth(9).of(x.copy(), more) == pytest.approx(np.array(expected), rel=1e-6)
    assert logarithms.Products(25).growth(x, more[:, np.newaxis]) == pytest.approx(np.array(expected))


def test_as_many_classes_as_words_leave_each_by_itself() -> None:
    classes = lmkit.train_classes(counted(TWO_KINDS), 6)
    assert sorted(mapping(classes).values()) == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_the_most_frequent_class_comes_first_and_so_do_its_words() -> None:
    classes = lmkit.train_classes(lmkit.count_ngrams(train_text("en"), 2), 20)
    assert classes.counts is not None
    totals = [int(classes.counts[members].sum()) for members in classes.members]
    assert totals == sorted(totals, reverse=True)
    assert classes.names[:2] == (b"c1", b"c2")
    for members in classes.members:
        counts = classes.counts[members].tolist()
        assert counts == sorted(counts, reverse=True)
        assert members.tolist() == list(range(members[0], members[-1] + 1))


def test_marks_and_unknown_words_have_no_class() -> None:
    counts = lmkit.count_ngrams(train_text("en"), 2, cutoff=3)
    classes = lmkit.train_classes(counts, 10)
    assert classes.of_words[:3].tolist() == [-1, -1, -1]
    assert classes.words == len(counts.vocabulary) - 3
    assert classes.class_of("no such word") is None


def test_a_word_with_nothing_beside_it_is_in_a_class() -> None:
    text = io.BytesIO(b"a b\nc\nb a b\n")
    counts = lmkit.count_ngrams(text, 2, settings=lmkit.TextSettings(sentence_marks=False))
    for objective in OBJECTIVES:
        assert lmkit.train_classes(counts, 2, objective=objective).class_of("c") is not None


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"classes": 1}, "1 classes are asked; it must be 2 or more."),
        ({"classes": 2, "objective": "both"}, "the objective is 'both'; it must be predictive or two-sided."),
        ({"classes": 2, "passes": 0}, "0 passes are asked; it must be 1 or more."),
        ({"classes": 2, "starts": 0}, "0 starts are asked; it must be 1 or more."),
        ({"classes": 2, "seed": -1}, "the seed is -1; it must be 0 or more."),
    ],
)
def test_settings_that_make_no_sense_are_refused(how: dict[str, object], message: str) -> None:
    with pytest.raises(lmkit.UsageError) as caught:
        lmkit.train_classes(counted(TWO_KINDS), **how)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_more_classes_than_words_are_refused() -> None:
    with pytest.raises(lmkit.DataError) as caught:
        lmkit.train_classes(counted(TWO_KINDS), 7)
    assert str(caught.value) == "7 classes are asked of 6 words.\nAsk for 2 to 6."


def test_counts_of_words_alone_are_refused() -> None:
    with pytest.raises(lmkit.DataError) as caught:
        lmkit.train_classes(counted(TWO_KINDS).up_to(1), 2)
    assert str(caught.value) == (
        "these counts are of order 1: they do not say which words stand side by side.\nCount with -n 2."
    )


def test_tables_beyond_the_memory_are_refused() -> None:
    with pytest.raises(lmkit.DataError) as caught:
        lmkit.train_classes(lmkit.count_ngrams(train_text("en"), 2), 300, resources=lmkit.Resources(memory=1 << 20))
    # 758 words, marks among them, and 300 classes: 8 · 758 · 300 bytes are 1.7 MB
    assert str(caught.value) == (
        "300 classes of 758 words take 2 MB, and the memory to keep to is 1 MB.\n"
        "Take fewer words, as --cutoff 2, or fewer classes, or give more with --memory."
    )
