"""The laws that every registered smoothing must keep, in every variant and form, however it is computed."""

import io
import itertools
import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lmkit
from lmkit.smoothing.registry import Smoothing, smoothing_called, smoothings, with_flags
from tests.conftest import ROOT

FALLBACK = {"discount_fallback": "generalised"}  # small texts have no counts of counts
SENTENCES = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=8)
SENTENCES_OF_ALL = ["a b a", "c a", "a b d d", "b"]  # with histories seen once and more, and words seen once
quick = settings(max_examples=12, deadline=None)


def variants_of(row: Smoothing) -> list[dict[str, Any]]:
    """The variants of a smoothing: those that are compared, in all its forms; a held-out text is a small one."""
    forms: list[dict[str, Any]] = [{}, {"interpolated": False}] if row.accepts("interpolated") else [{}]
    fallback = FALLBACK if row.accepts("discount_fallback") else {}
    found = [fallback | variant | form for variant in row.variants or ({},) for form in forms]
    return [each for number, each in enumerate(found) if each not in found[:number]]


def cases(rows: Iterable[Smoothing]) -> pytest.MarkDecorator:
    """A test for each variant of these smoothings."""
    found = [(row, variant) for row in rows for variant in variants_of(row)]
    return pytest.mark.parametrize(("row", "variant"), found, ids=[f"{row.name} {variant}" for row, variant in found])


every_smoothing = cases(smoothings().values())


def counted(sentences: list[str], order: int, cutoff: int = 1) -> lmkit.NgramCounts:
    """The counts of some sentences."""
    return lmkit.count_ngrams(io.BytesIO("\n".join(sentences).encode()), order, cutoff=cutoff)


def estimated(row: Smoothing, variant: dict[str, Any], counts: lmkit.NgramCounts, **options: Any) -> lmkit.NgramModel:
    """A model of a variant; weights are tuned on a text of known words."""
    held_out = {"held_out": io.BytesIO(b"a b\nd a\n")} if "held_out" in variant else {}
    return row.estimate(counts, **variant | held_out, **{"precision": "double"} | options)


def histories(sentences: list[str]) -> list[str]:
    """Histories of all lengths: seen, unseen, at the start of a sentence and inside."""
    starts = {" ".join(["<s>", *sentence.split()][:k]) for sentence in sentences for k in (1, 2, 3, 9)}
    inside = {" ".join(sentence.split()[k : k + 2]) for sentence in sentences for k in (0, 1, 2)}
    return sorted({"", "zzz", "d zzz", "<unk> a", *starts, *inside})


def saved(model: lmkit.NgramModel) -> bytes:
    """The bytes of the model's file."""
    out = io.BytesIO()
    lmkit.save(model, out)
    return out.getvalue()


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 4), st.booleans(), st.integers(1, 2))
def test_probabilities_sum_to_one_after_any_history(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool, cutoff: int
) -> None:
    """Scores add up to anything; what is not smoothed has nothing after a history that was not seen."""
    model = estimated(row, variant, counted([*sentences, "a b", "a b", "d d"], order, cutoff), closed=closed)
    assert model.traits.is_distribution == row.traits.is_distribution
    for history in histories(sentences) if row.traits.is_distribution else ():
        probs = 10.0 ** lmkit.conditional_log10_probs(model, history)
        assert probs.min() >= 0
        if row.traits.is_smoothed or probs.any():
            assert probs.sum() == pytest.approx(1.0, abs=1e-9), history


@cases(row for row in smoothings().values() if row.can_drop_ngrams)
@quick
@given(SENTENCES, st.integers(2, 4), st.sampled_from([(0, 1), (0, 0, 1), (0, 1, 2)]))
def test_they_do_so_when_rare_ngrams_are_dropped(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, prune: tuple[int, ...]
) -> None:
    model = estimated(row, variant, counted([*sentences, "a b", "a b", "d d"], order), prune=prune)
    for history in histories(sentences) if row.traits.is_distribution else ():
        probs = 10.0 ** lmkit.conditional_log10_probs(model, history)
        assert probs.sum() == pytest.approx(1.0, abs=1e-9), history


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 3), st.booleans(), st.integers(1, 2))
def test_explanations_give_the_models_probability(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool, cutoff: int
) -> None:
    model = estimated(row, variant, counted([*sentences, "a b", "a b", "d d"], order, cutoff), closed=closed)
    for sentence in (sentences[0], "d c b a d d", "a zzz b"):
        for word in lmkit.explain(model, sentence):
            assert float(word.probability) == pytest.approx(10.0**word.log10_prob, rel=1e-6, abs=1e-12)


@every_smoothing
@pytest.mark.parametrize("closed", [False, True])
def test_engines_and_threads_change_no_byte(row: Smoothing, variant: dict[str, Any], closed: bool) -> None:
    """memory=1: all arrays are files."""
    counts = counted(SENTENCES_OF_ALL * 3, 3, cutoff=2)
    expected = saved(estimated(row, variant, counts, closed=closed, resources=lmkit.Resources(workers=1)))
    for workers, memory in ((2, None), (None, 1), (2, 1)):
        resources = lmkit.Resources(workers, memory)
        assert saved(estimated(row, variant, counts, closed=closed, resources=resources)) == expected


@every_smoothing
def test_the_name_in_the_signature_leads_back_to_the_smoothing_and_its_form(
    row: Smoothing, variant: dict[str, Any]
) -> None:
    model = estimated(row, variant, counted(SENTENCES_OF_ALL, 2))
    form = "backed-off" if variant.get("interpolated") is False else row.forms[0]
    assert smoothing_called(model.smoothing) == (row, form)


def test_smoothings_are_listed_without_numpy() -> None:
    """Every --help asks which there are."""
    asked = "import sys; from lmkit.smoothing.registry import smoothings; smoothings(); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "False\n"


def test_names_of_models_tell_the_smoothings_apart() -> None:
    names = [name for row in smoothings().values() for name, _ in row.all_called()]
    assert len(names) == len(set(names))


def test_a_flag_means_the_same_for_all_smoothings_that_have_it() -> None:
    for one, other in itertools.combinations(smoothings().values(), 2):
        for name in one.flags.keys() & other.flags.keys():
            assert one.flags[name] == other.flags[name]


@pytest.mark.parametrize("row", smoothings().values(), ids=lambda row: row.name)
def test_the_functions_of_smoothings_say_what_they_take(row: Smoothing) -> None:
    import inspect

    named = list(inspect.signature(row.estimate).parameters)
    assert named[0] == "counts"
    assert {"closed", "precision", "prune", "resources", *(option.field for option in row.flags.values())} <= set(named)
    assert row.estimate.__doc__


@pytest.mark.parametrize("name", with_flags())
def test_every_smoothing_is_told_of(name: str) -> None:
    """A row in the table of formulas, with its flag, its authors and year beside its formula."""
    row = with_flags()[name]
    page = (ROOT / "docs" / "topics" / "smoothing.md").read_text(encoding="utf-8")
    (told, *_) = re.findall(rf"^\| `--{name}\b.*$", page, re.MULTILINE)
    assert f"{row.source[0]} {row.source[1]}" in told


def test_natural_discounting_on_a_worked_example() -> None:
    """Of "a b a" and "c a": n = 7 words of q = 4 kinds, V = 5 with <unk>; after a: n = 3, q = 2."""
    model = lmkit.natural_discounting(counted(["a b a", "c a"], 2), precision="double")
    new, new_after_a = 4 * 5 / (7 * 8 + 2 * 4), 2 * 3 / (3 * 4 + 2 * 2)  # 5/16 and 3/8
    assert lmkit.probability(model, "b", "") == pytest.approx(1 / 7 * (1 - new))
    assert lmkit.probability(model, "<unk>", "") == pytest.approx(new)
    assert lmkit.probability(model, "</s>", "a") == pytest.approx(2 / 3 * (1 - new_after_a))
    unseen = 1 - (1 + 2) / 7 * (1 - new)  # of the words other than b and </s>, one order down
    assert lmkit.probability(model, "c", "a") == pytest.approx(new_after_a * 1 / 7 * (1 - new) / unseen)
    closed = lmkit.natural_discounting(counted(["a b a", "c a"], 1), closed=True, precision="double")
    assert lmkit.probability(closed, "b", "") == pytest.approx(1 / 7)  # all words were seen: nothing is left


def test_absolute_discounting_takes_a_discount_for_each_order() -> None:
    counts = counted(SENTENCES_OF_ALL, 3)
    model = lmkit.absolute_discounting(counts, order_discounts=[0.25, 0.5], precision="double")
    alone = [lmkit.absolute_discounting(counts, discount, precision="double") for discount in (0.25, 0.5)]
    assert np.array_equal(model.log10_probs[0], alone[0].log10_probs[0])
    assert [entry["d"] for entry in model.parameters["discounts"]] == [[0.25], [0.5], [0.5]]
    # Of 14 words b is 3, and 5 kinds of 6 were seen; after a there are b and </s>, twice each.
    below = (3 - 0.25) / 14 + 0.25 * 5 / 14 / 6
    assert lmkit.probability(model, "b", "a") == pytest.approx((2 - 0.5) / 4 + 0.5 * 2 / 4 * below)
    assert "|discounts:0.25@1,0.5@2,0.5@3|" in model.signature()
    same = lmkit.absolute_discounting(counts, order_discounts=[0.5], precision="double")
    assert saved(same) == saved(alone[1])
    with pytest.raises(lmkit.UsageError, match=r"^--discount and --order-discounts say the same twice\."):
        lmkit.absolute_discounting(counts, 0.5, order_discounts=[0.5])
