"""Compact files: all that the plain ones hold in a fraction of the bytes, and as little trusted."""

import dataclasses
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lmkit
from lmkit.engine.files.own_files import write_own_file
from lmkit.engine.files.tensors import read_tensors
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.description import describe
from tests.backoff_models import random_model
from tests.conftest import CORPORA, TOY, Run, held_out_text, train_text

Value = lmkit.NgramModel | lmkit.NgramCounts
Tensors = dict[str, NDArray[Any]]


def written(value: Value, *, compact: bool) -> bytes:
    """The file of a model or counts."""
    stream = io.BytesIO()
    lmkit.save(value, stream, compact=compact)
    return stream.getvalue()


def count(text: str, order: int, **options: Any) -> lmkit.NgramCounts:
    """The counts of a text."""
    return lmkit.count_ngrams(io.BytesIO(text.encode()), order, **options)


def kneser_ney(language: str, order: int, **options: Any) -> lmkit.NgramModel:
    """The model of a training text."""
    return lmkit.kneser_ney(lmkit.count_ngrams(train_text(language), order), discount_fallback="fixed", **options)


def huge_counts() -> lmkit.NgramCounts:
    """Counts that take more than 8, 16 and 32 bits."""
    counts = lmkit.count_ngrams(TOY, 3)
    large = tuple(np.asarray(each).astype(np.uint64) * np.uint64(300) for each in counts.chain.counts)
    for each, factor in zip(large, (1 << 34, 1 << 33, 300), strict=True):
        each[-2:] *= np.uint64(factor)
    return dataclasses.replace(counts, chain=dataclasses.replace(counts.chain, counts=large))


VALUES: dict[str, Callable[[], Value]] = {
    **{f"kneser-ney {order}": partial(kneser_ney, "fr", order) for order in range(1, 6)},
    "closed": lambda: kneser_ney("en", 3, closed=True),
    "double": lambda: kneser_ney("en", 2, precision="double"),
    "thresholds": lambda: kneser_ney("en", 4, prune=[0, 0, 1, 2]),
    "witten-bell": lambda: lmkit.witten_bell(lmkit.count_ngrams(train_text("en"), 3)),
    "katz": lambda: lmkit.katz(lmkit.count_ngrams(train_text("en"), 3)),
    "maximum likelihood": lambda: lmkit.maximum_likelihood(lmkit.count_ngrams(train_text("en"), 3)),
    "laplace": lambda: lmkit.laplace(lmkit.count_ngrams(TOY, 3)),
    "pruned by entropy": lambda: lmkit.prune(kneser_ney("fr", 4), 1e-5, history=kneser_ney("fr", 4)).model,
    "quantized": lambda: lmkit.quantize(kneser_ney("fr", 3), 5),
    "suffixes that are not stored": lambda: random_model(3, 4),
    "no suffixes at all": lambda: random_model(8, 5),
    "empty orders": lambda: lmkit.witten_bell(count("a\n", 5)),
    "counts of empty orders": lambda: count("a\n", 5),
    "counts": lambda: lmkit.count_ngrams(train_text("fr"), 3),
    "unigram counts": lambda: lmkit.count_ngrams(TOY, 1),
    "huge counts": huge_counts,
    "counts of one word": lambda: count("a " * 70000 + "\n", 3),
    "characters": lambda: lmkit.count_ngrams(TOY, 4, settings=lmkit.TextSettings(unit="character")),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_compact_file_holds_every_array_of_the_plain_one(name: str) -> None:
    value = VALUES[name]()
    plain = written(value, compact=False)
    again = lmkit.load(io.BytesIO(written(value, compact=True)))
    assert written(again, compact=False) == plain


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_compact_file_of_an_interpolated_model_is_less_than_two_fifths_of_the_plain_one(language: str) -> None:
    """Even of a small one, in which more of it is tables and words than in a large one."""
    model = kneser_ney(language, 5)
    assert len(written(model, compact=True)) < 0.4 * len(written(model, compact=False))


def test_equal_models_are_equal_compact_files() -> None:
    assert written(kneser_ney("fr", 4), compact=True) == written(kneser_ney("fr", 4), compact=True)


def test_a_truncation_is_an_error_and_not_a_crash() -> None:
    data = written(VALUES["kneser-ney 3"](), compact=True)
    whole = written(lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed"), compact=True)
    for cut in [
        *(whole[:length] for length in range(9, len(whole), 7)),
        *(data[: 499 * k] for k in range(1, len(data) // 499)),
    ]:
        with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
            lmkit.load(io.BytesIO(cut))


def rewritten(tensors: Tensors, fields: dict[str, Any]) -> io.BytesIO:
    """A file of these arrays."""
    stream = io.BytesIO()
    write_own_file(tensors, fields, stream)
    stream.seek(0)
    return stream


def contents(value: Value) -> tuple[Tensors, dict[str, Any]]:
    """The arrays and fields of the compact file of a value."""
    tensors, metadata = read_tensors(written(value, compact=True))
    return tensors, json.loads(metadata["lmkit"])


@pytest.mark.parametrize("name", ["kneser-ney 3", "counts", "suffixes that are not stored", "quantized"])
def test_an_array_cut_short_or_too_long_or_missing_is_an_error(name: str) -> None:
    tensors, fields = contents(VALUES[name]())
    for damaged, array in tensors.items():
        changes = [array[:-1], array[1:], array[:0]] if len(array) else []
        if changes and "_values" not in damaged:  # in which one that no code stands for does no harm
            changes.append(np.concatenate((array, array[-1:])))
        for changed in changes:
            with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
                lmkit.load(rewritten(tensors | {damaged: changed}, fields))
        with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
            lmkit.load(rewritten({other: tensors[other] for other in tensors if other != damaged}, fields))


def used(source: io.BytesIO) -> None:
    """Open a file and do with it what trusts its arrays."""
    value = lmkit.load(source)
    describe(value)
    if isinstance(value, lmkit.NgramCounts):
        value = lmkit.kneser_ney(value, discount_fallback="fixed")
    list(lmkit.score_text(value, CORPORA / "toy.test.tok"))
    written(value, compact=True)


@pytest.mark.parametrize("name", ["kneser-ney 3", "counts", "suffixes that are not stored", "quantized"])
def test_flipped_bits_in_any_array_are_an_error_or_a_value_and_not_a_crash(name: str) -> None:
    tensors, fields = contents(VALUES[name]())
    generator = random.Random(5)  # noqa: S311
    errors = 0
    for damaged, array in tensors.items():
        for _ in range(3 if array.nbytes else 0):
            flipped = bytearray(array.tobytes())
            flipped[generator.randrange(len(flipped))] ^= 1 << generator.randrange(8)
            changed = np.frombuffer(bytes(flipped), array.dtype).reshape(array.shape)
            try:
                used(rewritten(tensors | {damaged: changed}, fields))
            except (DataError, UsageError):
                errors += 1
    assert errors > 12


WRONG: list[Any] = [None, -1, 10**30, "int8", "float64", [], [0], [99] * 3, [1] * 9, [True], 2.5]


def damaged_fields(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is said of compact arrays, each entry once changed and once left out."""
    for group, entries in said.items():
        yield {key: value for key, value in said.items() if key != group}
        yield said | {group: None}
        for name, entry in entries.items():
            yield said | {group: {key: value for key, value in entries.items() if key != name}}
            for key, value in entry.items():
                left = {other: entry[other] for other in entry if other != key}
                if key != "suffixes":
                    yield said | {group: entries | {name: left}}
                for other in WRONG:
                    if other != value:
                        yield said | {group: entries | {name: entry | {key: other}}}


@pytest.mark.parametrize("name", ["kneser-ney 2", "counts"])
def test_damaged_statements_about_arrays_are_errors(name: str) -> None:
    tensors, fields = contents(VALUES[name]())
    for said in damaged_fields(fields["compact"]):
        with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
            lmkit.load(rewritten(tensors, fields | {"compact": said}))


def test_ranks_beyond_the_words_that_can_follow_are_an_error() -> None:
    """In the 5-grams of a small text most rows are of 1, 2 or 3 words: 3 does not occur in two bits."""
    tensors, fields = contents(VALUES["kneser-ney 5"]())
    beyond = np.full_like(tensors["words.5.data"], 255)
    with pytest.raises(DataError, match="the rank of a word is beyond the words that can follow"):
        lmkit.load(rewritten(tensors | {"words.5.data": beyond}, fields))


def test_lengths_that_wrap_around_are_an_error() -> None:
    tensors, fields = contents(VALUES["kneser-ney 2"]())
    huge = tensors["indptr.2.values"].copy()
    huge[0] = np.iinfo(huge.dtype).max
    with pytest.raises(DataError, match=r"the lengths in indptr\.2 do not add up"):
        lmkit.load(rewritten(tensors | {"indptr.2.values": huge}, fields))


def test_lengths_that_do_not_add_up_to_the_ngrams_are_an_error() -> None:
    tensors, fields = contents(VALUES["kneser-ney 3"]())
    lengths = tensors["indptr.3.values"].copy()
    lengths[0] += 1
    with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
        lmkit.load(rewritten(tensors | {"indptr.3.values": lengths}, fields))


@pytest.fixture
def files(tmp_path: Path, french_model: Path, lmkit_run: Run) -> tuple[Path, Path]:
    """A plain and a compact file of one model."""
    result = lmkit_run("ngram", "convert", french_model, "--compact", "-o", tmp_path / "small.safetensors")
    assert result.code == 0
    return french_model, tmp_path / "small.safetensors"


COMMANDS = [
    ("perplexity", "MODEL", held_out_text("fr")),
    ("next", "MODEL", "le"),
    ("generate", "MODEL", "--seed", "7"),
    ("explain", "MODEL", "le chat"),
    ("ngram", "info", "MODEL"),
    ("ngram", "check", "MODEL", "--json"),
    ("ngram", "convert", "MODEL", "-o", "-"),
    ("ngram", "prune", "MODEL", "--entropy", "1e-5", "--history", "self"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(map(str, command[:2])))
def test_every_command_gives_the_same_of_a_compact_file(
    command: tuple[object, ...], files: tuple[Path, Path], lmkit_run: Run
) -> None:
    plain, small = (lmkit_run(*(name if part == "MODEL" else part for part in command)) for name in files)
    assert small.code == plain.code == 0
    told = [
        re.sub(rb'"sha256": "\w+"', b"", ended.raw.replace(bytes(file), b"MODEL"))  # that of the file itself
        for ended, file in zip((plain, small), files, strict=True)
    ]
    assert told[0] == told[1]


def test_convert_tells_the_sizes_and_converts_back(files: tuple[Path, Path], tmp_path: Path, lmkit_run: Run) -> None:
    plain, small = files
    result = lmkit_run("ngram", "convert", plain, "--compact", "-o", small)
    before, after = plain.stat().st_size, small.stat().st_size
    assert result.err == (
        f"lmkit: wrote {small}\nlmkit: size: {before:,} bytes before, {after:,} after ({after / before - 1:+.2%})\n"
    )
    assert lmkit_run("ngram", "convert", small, "-o", tmp_path / "back.safetensors").code == 0
    assert (tmp_path / "back.safetensors").read_bytes() == plain.read_bytes()


def test_compact_arpa_is_wrong_usage(tmp_path: Path, french_model: Path, lmkit_run: Run) -> None:
    result = lmkit_run("ngram", "convert", french_model, "--compact", "-o", tmp_path / "x.arpa")
    assert (result.code, result.err) == (
        2,
        "lmkit: a compact file is one of lmkit's own, and .arpa is text.\nEnd the name in .safetensors.\n",
    )
    with pytest.raises(UsageError, match=r"a compact file is one of lmkit's own, and \.arpa is text"):
        lmkit.save(lmkit.load(french_model), tmp_path / "x.arpa", compact=True)
