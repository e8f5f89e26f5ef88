"""Smoothing in steps is smoothing: the same figures and files, whatever is smoothed and however it is cut."""

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.resources import Resources
from lmkit.engine.runners.local import Local
from lmkit.engine.runners.payloads import compressed, packed
from lmkit.engine.runners.protocol import Message
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.supersteps.slices import chain_of_slice, even_cuts, slices_of
from lmkit.smoothing.adjusted_counts import adjust_counts, counts_of_counts
from lmkit.smoothing.counted_evidence import CountedEvidence, raw_counts
from lmkit.smoothing.counted_rows import DividingRule
from lmkit.smoothing.discounts import discounting
from lmkit.smoothing.interpolating import arrays_of
from lmkit.smoothing.registry import Counted, Smoothing, with_flags
from lmkit.smoothing.supersteps.driver import tallies_on
from lmkit.smoothing.supersteps.suffixes import SUFFIXES, suffixes_in
from lmkit.smoothing.tallying import tally_of
from tests.conftest import CORPORA, TOY, Run, text_file, train_text
from tests.laws.test_bounds import file_of

RULE: DividingRule = discounting(np.array([0.0, 0.3, 0.7, 1.1]))
RANGES = (1, 2, 7)
KEPT_AS_COUNTS = [row for row in with_flags().values() if row.is_kept_as_counts(row.options())]


class Watched(Local):
    """Keeps what ranges tell each other."""

    def __init__(self) -> None:
        super().__init__()
        self.suffixes: list[Message] = []

    def step(self, *arguments: Any, **options: Any) -> Any:
        """See `Local`."""
        sent = super().step(*arguments, **options)
        self.suffixes += [message for message in sent.messages if message.kind == SUFFIXES]
        return sent


def of_single_machine(evidence: CountedEvidence, counted: Counted, length: int) -> tuple[list[int], dict[str, Any]]:
    """The counts of counts of an order, and the arrays of a model that it makes."""
    values = evidence.values(raw_counts if counted == "raw" else adjust_counts, length, Scratch())
    own = evidence.of_model(values, length, Scratch())
    tally = tally_of(evidence.model.orders[length - 1], length, own, Scratch(), 1)
    return counts_of_counts(values).tolist(), arrays_of(tally, RULE)


def assert_same(counts: lmkit.NgramCounts, *, closed: bool = False) -> None:
    """Steps find the same, in however many ranges."""
    evidence = CountedEvidence.of(counts, closed=closed)
    for counted in ("raw", "adjusted"):
        expected = [of_single_machine(evidence, counted, length) for length in range(2, counts.order + 1)]
        for ranges in RANGES:
            with Local() as runner:
                found = tallies_on(runner, evidence, counted, Resources(), ranges)
                for length, (numbers, arrays) in enumerate(expected, start=2):
                    assert found.counts_of_counts(length).tolist() == numbers
                    own = arrays_of(found.tally(length, Scratch(), 1), RULE)
                    assert own.keys() == arrays.keys()
                    for name, array in arrays.items():
                        assert own[name].dtype == array.dtype
                        assert own[name].tolist() == array.tolist(), (counted, ranges, length, name)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("cutoff", [1, 2])
@pytest.mark.parametrize("settings", [{}, {"sentence_marks": False}])
def test_steps_find_what_a_single_machine_finds(settings: dict[str, Any], cutoff: int, closed: bool) -> None:
    told = lmkit.TextSettings(**settings)
    for text, order in ((TOY, 2), (train_text("fr"), 4)):
        assert_same(lmkit.count_ngrams(text, order, cutoff=cutoff, settings=told), closed=closed)


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(" ".join), min_size=1, max_size=12))
def test_of_any_text(lines: list[str]) -> None:
    text = io.BytesIO("\n".join([*lines, "a <unk> a"]).encode())
    counts = lmkit.count_ngrams(text, 3, settings=lmkit.TextSettings(reserved="keep"))
    assert_same(counts)
    assert_same(counts, closed=True)


def test_a_word_that_begins_most_ngrams_is_cut_and_its_rows_are_added_up(tmp_path: Path) -> None:
    text = text_file(tmp_path, "".join(f"the w{n} the v{n % 7}\n" for n in range(300)))
    counts = lmkit.count_ngrams(text, 3)
    the = counts.vocabulary.ids[b"the"]
    within = [second for word, second in even_cuts(counts.chain, 6).tolist() if word == the and second]
    assert len(within) > 1
    assert_same(counts)


@pytest.mark.parametrize("ranges", RANGES)
def test_ranges_have_about_as_many_ngrams_each_and_together_all(ranges: int) -> None:
    chain = lmkit.count_ngrams(train_text("fr"), 4).chain
    types = len(chain.orders[0])
    cuts = even_cuts(chain, ranges)
    parts = [
        (number, chain_of_slice(arrays, cuts[number : number + 2], types)) for number, arrays in slices_of(chain, cuts)
    ]
    assert [number for number, _ in parts] == list(range(ranges))
    sizes = [sum(map(len, part.orders[1:])) for _, part in parts]
    assert max(sizes) < 1.2 * min(sizes) + 100
    for k in range(1, 4):
        assert (
            np.concatenate([part.orders[k].indices for _, part in parts]).tolist() == chain.orders[k].indices.tolist()
        )
        assert np.concatenate([part.counts[k] for _, part in parts]).tolist() == chain.counts[k].tolist()


def test_suffixes_are_told_once_with_the_number_of_words_before_them(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a x y\nb x y\nb x y\nc x z\n")
    counts = lmkit.count_ngrams(text, 3)
    found = suffixes_in(counts.chain, 1)
    x, y, z, eos = (counts.vocabulary.ids[word] for word in (b"x", b"y", b"z", b"</s>"))
    order = found.orders[1]
    after_x = slice(*order.indptr[x : x + 2].tolist())
    assert dict(zip(order.indices[after_x].tolist(), found.counts[1][after_x].tolist(), strict=True)) == {y: 2, z: 1}
    after_y = slice(*order.indptr[y : y + 2].tolist())
    assert dict(zip(order.indices[after_y].tolist(), found.counts[1][after_y].tolist(), strict=True)) == {eos: 1}


def test_what_ranges_tell_each_other_is_small() -> None:
    counts = lmkit.count_ngrams(CORPORA / "en.train.tok", 5)
    with Watched() as runner:
        tallies_on(runner, CountedEvidence.of(counts, closed=False), "adjusted", Resources(), 3)
    assert sum(len(compressed(message.payload)) for message in runner.suffixes) < 4 * sum(counts.ngrams().values())


@pytest.mark.parametrize("row", KEPT_AS_COUNTS, ids=lambda row: row.name)
@pytest.mark.parametrize("order", [1, 2, 4])
def test_models_are_the_same_to_the_last_byte(row: Smoothing, order: int) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), order)
    for variant in row.variants:
        options = variant | ({"held_out": train_text("en")} if "held_out" in variant else {})
        if row.is_kept_as_counts(row.options(**options)):
            with Local() as runner:
                assert file_of(row.estimate(counts, **options, runner=runner)) == file_of(
                    row.estimate(counts, **options)
                )


@pytest.mark.parametrize(
    "options",
    [
        {"compat": "kenlm"},
        {"discounts": (0.5, 1.0, 1.5)},
        {"one_discount": True, "discount": 0.5},
        {"closed": True},
        {"closed": True, "compat": "kenlm"},
        {"precision": "double"},
    ],
    ids=str,
)
def test_options_mean_the_same_in_steps(options: dict[str, Any]) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3, cutoff=2)
    with Local() as runner:
        model = lmkit.kneser_ney(counts, **options, runner=runner)
    alone = lmkit.kneser_ney(counts, **options)
    assert file_of(model) == file_of(alone)
    assert model.parameters == alone.parameters


def test_discounts_that_cannot_be_estimated_are_told_as_ever() -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    told = []
    for work in (lmkit.kneser_ney, partial(lmkit.kneser_ney, runner=None)):
        with pytest.raises(lmkit.DataError) as caught:
            work(counts)
        told.append(str(caught.value))
    with Local() as runner, pytest.raises(lmkit.DataError) as caught:
        lmkit.kneser_ney(counts, runner=runner)
    assert {*told, str(caught.value)} == {told[0]}


@pytest.mark.parametrize("options", [{"interpolated": False}, {"prune": (0, 0, 1)}], ids=str)
def test_what_is_not_kept_as_counts_is_refused(options: dict[str, Any]) -> None:
    with Local() as runner, pytest.raises(lmkit.UsageError, match="only models that are kept as counts can"):
        lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed", **options, runner=runner)


def test_counts_that_lack_a_suffix_are_told_as_damaged() -> None:
    whole = lmkit.count_ngrams(train_text("fr"), 3)
    chain = whole.chain
    words = chain.orders[2].indices.copy()
    words[0] = len(whole.vocabulary) - 1  # after "<s> w", a word that never comes after w
    damaged = replace(whole, chain=replace(chain, orders=(*chain.orders[:2], replace(chain.orders[2], indices=words))))
    with Local() as runner, pytest.raises(lmkit.DataError, match="not all of them without their first words"):
        lmkit.kneser_ney(damaged, runner=runner)


def test_slices_beyond_the_memory_are_kept_on_disk(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 4)
    little = Resources(memory=100_000, tmp=tmp_path)
    with Local(little) as runner:
        found = lmkit.kneser_ney(counts, runner=runner, resources=little)
        assert file_of(found) == file_of(lmkit.kneser_ney(counts))


@pytest.fixture
def counted(lmkit_run: Run, tmp_path: Path) -> Path:
    """A file of counts."""
    path = tmp_path / "counts.safetensors"
    lmkit_run("ngram", "train", "-q", "-n", 4, train_text("fr"), "-o", path)
    return path


@pytest.mark.parametrize("options", [[], ["-n", 2], ["-n", 1], ["--closed"], ["--one-discount"]], ids=str)
def test_the_command_shares_smoothing_out(lmkit_run: Run, counted: Path, tmp_path: Path, options: list[Any]) -> None:
    line = ["smooth", "--kneser-ney", *options, counted]
    (tmp_path / "tmp").mkdir()
    alone = lmkit_run(*line, "-o", tmp_path / "alone.safetensors")
    more = ["--processes", "--workers", 2, "--memory", "3G", "--tmp", tmp_path / "tmp"]
    shared = lmkit_run(*line, *more, "-o", tmp_path / "shared.safetensors")
    assert (tmp_path / "shared.safetensors").read_bytes() == (tmp_path / "alone.safetensors").read_bytes()
    assert shared.err == "lmkit: 2 worker processes, each with 1,536 MB of memory\n" + alone.err
    assert list((tmp_path / "tmp").iterdir()) == []


def test_counts_of_classes_are_smoothed_in_steps(lmkit_run: Run, tmp_path: Path) -> None:
    classes, counts = tmp_path / "classes.tsv", tmp_path / "counts.safetensors"
    lmkit_run("classes", "train", "-q", train_text("fr"), "-k", 20, "-o", classes)
    lmkit_run("ngram", "train", "-q", "-n", 3, "--classes", classes, train_text("fr"), "-o", counts)
    line = ("smooth", "--witten-bell", counts)
    alone, shared = lmkit_run(*line), lmkit_run(*line, "--processes", "--workers", 2)
    assert alone.code == 0
    assert shared.raw == alone.raw


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--katz", "--processes"], "and this one is not."),
        (["--kneser-ney", "--backed-off", "--processes"], "and this one is not."),
        (["--kneser-ney", "--prune", "0,0,1", "--engine", "spark"], "and this one is not."),
        (
            ["--all", "--held-out", "x", "--processes"],
            "--processes does not go with --all, which makes models of all kinds.",
        ),
        (["--kneser-ney", "--processes", "--engine", "spark"], "--processes and --engine both share work out."),
        (["--kneser-ney", "--spark", "sc://host"], "--spark is for --engine spark."),
        (["--kneser-ney", "--processes", "--resume"], "--resume does not go with --processes."),
    ],
)
def test_what_cannot_be_shared_out_is_refused(lmkit_run: Run, counted: Path, options: list[str], message: str) -> None:
    result = lmkit_run("smooth", *options, counted, "-o", counted.parent / "model.arpa")
    assert result.code == 2
    assert result.err.splitlines()[0].startswith("lmkit: ")
    assert result.err.splitlines()[0].endswith(message)


def test_a_refusal_names_what_can_be_shared_out(lmkit_run: Run, counted: Path) -> None:
    err = lmkit_run("smooth", "--katz", "--processes", counted).err
    assert err == (
        "lmkit: --processes is for models that are kept as counts (--kneser-ney, --absolute, --witten-bell, --jelinek-mercer, --laplace; "
        "without --backed-off and --prune), and this one is not.\nLeave --processes out: then this machine does it.\n"
    )


def test_a_slice_is_sent_as_it_is() -> None:
    chain = lmkit.count_ngrams(TOY, 2).chain
    cuts = even_cuts(chain, 1)
    ((_, arrays),) = slices_of(chain, cuts)
    assert packed(arrays) == packed(
        dict(next(iter(slices_of(chain_of_slice(arrays, cuts, len(chain.orders[0])), cuts)))[1])
    )
