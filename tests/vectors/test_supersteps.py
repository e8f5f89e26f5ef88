"""Counting pairs in steps is counting them: the same matrix, errors and warnings, whatever is counted and however it is cut."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.runners.local import Local
from lmkit.engine.runners.payloads import in_planes, of_planes
from lmkit.vectors.supersteps.driver import cooccurrence_on
from lmkit.vectors.supersteps.rows import cuts_of
from tests.conftest import CORPORA, Run, text_file, train_text
from tests.shell_lines import run_line
from tests.vectors.matrix_file import matrix_file

NEAR = ("window", "weighting", "directed")


def in_steps(texts: Any, split_bytes: int = 3000, ranges: int = 3, **options: Any) -> Any:
    """The matrix, in steps of this process."""
    with Local() as runner:
        return cooccurrence_on(runner, texts, split_bytes=split_bytes, ranges=ranges, **options)


def at_once(texts: Any, **options: Any) -> Any:
    """The matrix, counted at once."""
    near = {name: options.pop(name) for name in NEAR if name in options}
    return lmkit.cooccurrence(lmkit.encode_text(texts, **options), **near)


def assert_same(texts: Any, **options: Any) -> None:
    """Counting in steps gives the same file."""
    expected = matrix_file(at_once(texts, **options))
    for split_bytes, ranges in ((3000, 1), (3000, 4), (1 << 30, 2)):
        assert matrix_file(in_steps(texts, split_bytes, ranges, **options)) == expected, (split_bytes, ranges)


def outcome(count: Any, texts: Any, **options: Any) -> tuple[str, list[str]]:
    """The error that counting ends with, if any, and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            count(texts, **options)
        except lmkit.LmkitError as error:
            return f"{type(error).__name__}: {error}", [str(each.message) for each in caught]
    return "", [str(each.message) for each in caught]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"window": 1},
        {"window": 15},
        {"window": 60, "weighting": "flat"},
        {"directed": True},
        {"cutoff": 3, "weighting": "flat", "directed": True},
    ],
)
def test_windows_mean_the_same_in_steps(options: dict[str, Any]) -> None:
    assert_same(train_text("fr"), **options)


@pytest.mark.parametrize(
    "settings",
    [
        {"unit": "character"},
        {"unit": "byte"},
        {"lowercase": True, "strip_accents": True, "fold_numbers": True},
        {"blank_lines": "sentence"},
        {"sentences": "split", "language": "fr"},
        {"tokenizer": "words"},
        {"unknown_word": "le"},
    ],
)
def test_settings_mean_the_same_in_steps(settings: dict[str, Any]) -> None:
    assert_same([train_text("fr"), CORPORA / "toy.tok"], settings=lmkit.TextSettings(**settings))


def test_words_of_a_vocabulary_keep_their_ids(tmp_path: Path) -> None:
    words = text_file(tmp_path, "zebra\nle\nla\nde\nqui\n.\n", "words.txt")
    assert_same(train_text("fr"), vocabulary=words)


def test_a_text_without_a_known_word_is_told_and_its_matrix_has_no_pair(tmp_path: Path) -> None:
    words = text_file(tmp_path, "xyz\n", "words.txt")
    expected = outcome(at_once, train_text("fr"), vocabulary=words)
    assert len(expected[1]) == 1
    assert outcome(in_steps, train_text("fr"), vocabulary=words) == expected
    with pytest.warns(lmkit.VocabularyWarning):
        assert in_steps(train_text("fr"), vocabulary=words).matrix.nnz == 0


def test_a_cutoff_above_all_words_leaves_a_matrix_of_none(tmp_path: Path) -> None:
    assert_same(text_file(tmp_path, "a b\nc\n" * 10), cutoff=99)


def test_empty_files_and_open_streams_are_texts_as_elsewhere(tmp_path: Path) -> None:
    empty = text_file(tmp_path, "", "empty.txt")
    data, other = b"a b\nc a d\n", text_file(tmp_path, "d c b a\n" * 5, "other.txt")
    expected = matrix_file(at_once([empty, io.BytesIO(data), empty, other]))
    assert matrix_file(in_steps([empty, io.BytesIO(data), empty, other], 1)) == expected


@pytest.mark.parametrize("text", [b"", b"\n \n", b"a b\n" * 50 + b"a \xff\n", b"a </s>\n"])
def test_what_is_wrong_is_told_as_elsewhere(tmp_path: Path, text: bytes) -> None:
    file = text_file(tmp_path, text)
    assert outcome(in_steps, file, split_bytes=20) == outcome(at_once, file) != ("", [])


@pytest.mark.parametrize(
    "options",
    [{"window": 0}, {"cutoff": 0}, {"cutoff": 2, "vocabulary": "words.txt"}],
)
def test_wrong_usage_is_refused_as_elsewhere(options: dict[str, Any]) -> None:
    assert outcome(in_steps, train_text("fr"), **options) == outcome(at_once, train_text("fr"), **options)


def test_a_text_without_sentence_marks_is_refused_as_elsewhere() -> None:
    settings = lmkit.TextSettings(sentence_marks=False)
    expected = outcome(at_once, train_text("fr"), settings=settings)
    assert outcome(in_steps, train_text("fr"), settings=settings) == expected != ("", [])


def test_sums_of_fractions_are_not_shared_out(tmp_path: Path) -> None:
    """lcm(1 … 36) · 2 · 36 · 62 tokens is below 2⁶³, and with 37 it is above."""
    text = text_file(tmp_path, " ".join(f"w{number}" for number in range(60)))
    assert_same(text, window=36)
    with pytest.raises(lmkit.UsageError) as caught:
        in_steps(text, window=37)
    assert str(caught.value).splitlines() == [
        "pairs up to 37 words apart have sums of fractions, whose last digits depend on the order in which they are added up: so they cannot be shared out.",
        "Give a --window of at most 36 words, or --weighting flat; or leave --processes or --engine out.",
    ]


def test_windows_wider_than_all_sentences_are_exact(tmp_path: Path) -> None:
    """Nothing is further apart than a sentence is long, so that no sum is one of fractions."""
    rng = np.random.default_rng(7)
    text = text_file(tmp_path, "\n".join(" ".join(f"w{word}" for word in row) for row in rng.integers(0, 9, (500, 11))))
    wide, exact = (at_once(text, window=window).matrix for window in (1000, 11))
    assert np.array_equal(wide.data, exact.data)
    assert_same(text, window=1000)


def test_matrices_beyond_the_memory_are_the_same(tmp_path: Path) -> None:
    resources = lmkit.Resources(memory=1, tmp=tmp_path)
    with Local(resources) as runner:
        found = cooccurrence_on(runner, train_text("fr"), split_bytes=4000, ranges=3, resources=resources)
    assert matrix_file(found) == matrix_file(at_once(train_text("fr")))


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=25),
    st.integers(1, 40),
    st.integers(1, 9),
    st.integers(1, 8),
    st.booleans(),
)
def test_random_texts_are_counted_the_same(
    sentences: list[list[str]], split_bytes: int, ranges: int, window: int, directed: bool
) -> None:
    text = "\n".join(map(" ".join, sentences)).encode() + b"\na"
    expected = matrix_file(at_once(io.BytesIO(text), window=window, directed=directed))
    found = in_steps(io.BytesIO(text), split_bytes, ranges, window=window, directed=directed)
    assert matrix_file(found) == expected


def test_ranges_have_about_as_much_text_each() -> None:
    counts = np.array([5, 1, 1, 1, 1, 1, 50, 20, 10, 10])
    assert cuts_of(counts, 2).tolist() == [0, 7, 10]
    assert cuts_of(counts, 5).tolist() == [0, 6, 7, 8, 10]  # one word has half of it
    assert cuts_of(np.zeros(0, np.int64), 4).tolist() == [0]
    assert cuts_of(np.zeros(2, np.int64), 4).tolist() == [0, 2]
    assert cuts_of(np.ones(3, np.int64), 1).tolist() == [0, 3]


@pytest.mark.parametrize("numbers", [[], [0, 0], [3, 255], [256, 0], [2**40, 5]])
def test_numbers_in_planes_come_back(numbers: list[int]) -> None:
    planes = in_planes(np.array(numbers, np.int64))
    assert planes.shape == (-(-max(numbers, default=0).bit_length() // 8), len(numbers))
    assert of_planes(planes, np.int64).tolist() == numbers


@pytest.mark.parametrize(
    "options", [[], ["--ppmi"], ["--window", 2, "--weighting", "flat", "--directed", "--cutoff", 2]]
)
def test_commands_share_out_what_they_count(lmkit_run: Run, tmp_path: Path, options: list[Any]) -> None:
    line = ("cooc", *options, train_text("fr"), CORPORA / "toy.tok")
    there = ("--processes", "--workers", 2, "--memory", "3G", "--tmp", tmp_path)
    alone = lmkit_run(*line, "-o", tmp_path / "alone.npz")
    shared = lmkit_run(*line, *there, "-o", tmp_path / "shared.npz")
    assert (tmp_path / "shared.npz").read_bytes() == (tmp_path / "alone.npz").read_bytes()
    assert shared.err == "lmkit: 2 worker processes, each with 1,536 MB of memory\n" + alone.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.npz", "shared.npz"]
    assert lmkit_run(*line, *there).out == lmkit_run(*line).out


def test_vectors_of_text_that_is_shared_out_are_the_same(lmkit_run: Run, tmp_path: Path) -> None:
    line = ("vectors", "svd", "-q", "-d", 5, train_text("fr"))
    lmkit_run(*line, "-o", tmp_path / "alone.txt")
    lmkit_run(*line, "--processes", "--workers", 2, "-o", tmp_path / "shared.txt")
    assert (tmp_path / "shared.txt").read_bytes() == (tmp_path / "alone.txt").read_bytes()


def test_a_matrix_is_not_shared_out(lmkit_run: Run, tmp_path: Path) -> None:
    matrix = tmp_path / "x.npz"
    lmkit_run("cooc", "-q", CORPORA / "toy.tok", "-o", matrix)
    result = lmkit_run("vectors", "svd", matrix, "--processes")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        f"lmkit: --processes: how text is read and counted, and {matrix} has been counted already.",
    )


def test_a_pipe_is_shared_out_as_a_file(tmp_path: Path) -> None:
    piped = run_line(f"cat corpora/fr.train.tok | lmkit cooc -q --processes --workers 2 --tmp {tmp_path}")
    assert piped.stdout == run_line("lmkit cooc -q corpora/fr.train.tok").stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", [("cooc",), ("vectors", "svd")])
@pytest.mark.parametrize("sharing", [("--processes",), ("--engine", "spark")])
def test_what_is_shared_out_is_not_resumed(lmkit_run: Run, line: tuple[str, ...], sharing: tuple[str, ...]) -> None:
    result = lmkit_run(*line, CORPORA / "toy.tok", "--resume", *sharing)
    assert (result.code, result.err) == (
        2,
        f"lmkit: --resume does not go with {sharing[0]}.\nLeave one of them out.\n",
    )
