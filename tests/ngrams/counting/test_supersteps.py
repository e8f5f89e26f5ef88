"""Counting in steps is counting: the same files, errors and warnings, whatever is counted and however it is cut."""

import gzip
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
from lmkit.engine.runners.payloads import compressed, unpacked
from lmkit.engine.runners.protocol import Message
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.driver import count_on
from lmkit.text.sources.splits import UNTOLD, splits_of
from tests.conftest import CORPORA, Run, held_out_text, text_file, train_text
from tests.laws.test_bounds import file_of
from tests.shell_lines import run_line
from tests.texts import json_lines


class Watched(Local):
    """Keeps what is sent from split to range."""

    def __init__(self) -> None:
        super().__init__()
        self.slices: list[Message] = []

    def step(self, *arguments: Any, **options: Any) -> Any:
        """See `Local`."""
        sent = super().step(*arguments, **options)
        self.slices += [message for message in sent.messages if message.kind == SLICE]
        return sent


def ngrams_in(message: Message) -> int:
    """The number of n-grams in a slice."""
    return sum(len(each) for name, each in unpacked(message).items() if name.startswith("counts"))


def in_steps(texts: Any, order: int = 3, **options: Any) -> lmkit.NgramCounts:
    """The counts, in steps of this process."""
    with Local() as runner:
        return count_on(runner, texts, order, **options)


def assert_same(texts: Any, order: int = 3, **options: Any) -> None:
    """Counting in steps gives the same file."""
    expected = file_of(lmkit.count_ngrams(texts, order, **options))
    for ranges in (0, 1, 4):
        assert file_of(in_steps(texts, order, split_bytes=3000, ranges=ranges, **options)) == expected, ranges


def outcome(count: Any, texts: Any, **options: Any) -> tuple[str, list[str]]:
    """The error that counting ends with, if any, and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            count(texts, 2, **options)
        except lmkit.LmkitError as error:
            return f"{type(error).__name__}: {error}", [str(each.message) for each in caught]
    return "", [str(each.message) for each in caught]


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("cutoff", [2, 5])
def test_a_cutoff_before_counting_is_one_after_it(order: int, cutoff: int) -> None:
    assert_same(train_text("fr"), order, cutoff=cutoff)


def test_words_of_a_vocabulary_keep_their_ids(tmp_path: Path) -> None:
    words = text_file(tmp_path, "zebra\nle\nla\nde\nqui\n.\n", "words.txt")
    for order in (1, 3):
        assert_same(train_text("fr"), order, vocabulary=words)


@pytest.mark.parametrize(
    "settings",
    [
        {"unit": "character"},
        {"unit": "byte"},
        {"unit": "byte", "sentence_marks": False},
        {"sentence_marks": False},
        {"lowercase": True, "strip_accents": True, "fold_numbers": True},
        {"blank_lines": "sentence"},
        {"sentences": "document"},
        {"sentences": "split", "language": "fr"},
        {"tokenizer": "words"},
        {"unknown_word": "le"},
    ],
)
@pytest.mark.parametrize("cutoff", [1, 2])
def test_settings_mean_the_same_in_steps(settings: dict[str, Any], cutoff: int) -> None:
    assert_same([train_text("fr"), CORPORA / "toy.tok"], settings=lmkit.TextSettings(**settings), cutoff=cutoff)


@pytest.mark.parametrize("reserved", ["keep", "skip"])
def test_reserved_words_mean_the_same_in_steps(tmp_path: Path, reserved: Any) -> None:
    text = text_file(tmp_path, "a <unk> b\n\nc <unk> a\n" * 400 + "<unk>\n")
    for blank_lines in ("skip", "sentence"):
        assert_same(text, settings=lmkit.TextSettings(reserved=reserved, blank_lines=blank_lines))


def test_subwords_that_the_text_lacks_come_last() -> None:
    pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
    tokenizer = lmkit.train_tokenizer(train_text("fr"), "bpe", 700)
    settings = tokenizer.settings()
    assert_same(held_out_text("fr"), settings=settings)


def test_texts_of_all_kinds_are_read_as_they_are_elsewhere(tmp_path: Path) -> None:
    lines = train_text("fr").read_text(encoding="utf-8").splitlines()
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(0, 120, 10):
        text_file(folder, "\n".join(lines[number : number + 10]), f"{number:03}.txt")  # no newline at the end
    (tmp_path / "text.gz").write_bytes(gzip.compress("\n".join(lines[:300]).encode()))
    (tmp_path / "lines.jsonl").write_bytes(json_lines(lines[300:500]))
    marked = text_file(tmp_path, b"\xef\xbb\xbf" + "\n".join(lines[:200]).encode(), "marked.txt")
    empty = text_file(tmp_path, "", "empty.txt")
    returns = text_file(tmp_path, "\r\n".join(lines[200:400]), "returns.txt")
    texts = [marked, folder, tmp_path / "text.gz", empty, tmp_path / "lines.jsonl", returns]
    assert_same(texts)


def test_open_streams_are_read_once() -> None:
    data = train_text("fr").read_bytes()
    expected = file_of(lmkit.count_ngrams([io.BytesIO(data), train_text("fr")]))
    found = in_steps([io.BytesIO(data), train_text("fr")], split_bytes=5000, ranges=3)
    assert file_of(found) == expected


def test_models_of_such_counts_are_the_same() -> None:
    found, expected = in_steps(train_text("fr"), 4, split_bytes=9000, ranges=5), lmkit.count_ngrams(train_text("fr"), 4)
    assert file_of(lmkit.kneser_ney(found)) == file_of(lmkit.kneser_ney(expected))


def test_counts_beyond_the_memory_are_the_same(tmp_path: Path) -> None:
    resources = lmkit.Resources(memory=1, tmp=tmp_path)
    for ranges in (0, 3):
        with Local(resources) as runner:
            found = count_on(runner, train_text("fr"), split_bytes=4000, ranges=ranges, resources=resources)
        assert file_of(found) == file_of(lmkit.count_ngrams(train_text("fr")))


@pytest.mark.parametrize("bad", [b"a \xff b", b"a \x00", b"</s>"])
@pytest.mark.parametrize("line", [1, 700, 1000])
def test_what_is_wrong_is_told_with_its_line_and_byte_in_the_whole_file(tmp_path: Path, bad: bytes, line: int) -> None:
    lines = [b"word %d and more" % number for number in range(1000)]
    lines[line - 1] = bad
    texts = [train_text("fr"), text_file(tmp_path, b"\n".join(lines)), tmp_path / "missing"]
    expected = outcome(lmkit.count_ngrams, texts)
    assert f"text.txt:{line}: " in expected[0]
    assert outcome(in_steps, texts, split_bytes=900) == expected


def test_a_mark_within_a_text_is_no_mark_of_byte_order(tmp_path: Path) -> None:
    mark = "\ufeff".encode()
    text = text_file(tmp_path, b"".join(mark + b"word%d\n" % number for number in range(500)))
    assert file_of(in_steps(text, split_bytes=40)) == file_of(lmkit.count_ngrams(text))


def test_bad_lines_that_are_skipped_are_told_once_for_all_splits(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        (tmp_path / name).write_bytes(json_lines(["a b", "b"] * 90) + b"no JSON\n" + json_lines(["c"]))
    texts = [lmkit.TextFile(tmp_path, skip_bad_lines=True)]
    expected = outcome(lmkit.count_ngrams, texts)
    assert expected[1][0].startswith("3 bad lines were skipped in 3 files; the first: ")
    assert outcome(in_steps, texts, split_bytes=10) == expected


@pytest.mark.parametrize("text", ["", "\n\n", " \n"])
def test_a_text_without_sentences_is_refused(tmp_path: Path, text: str) -> None:
    file = text_file(tmp_path, text)
    assert outcome(in_steps, file) == outcome(lmkit.count_ngrams, file) != ("", [])


def test_a_vocabulary_without_words_of_the_text_is_told(tmp_path: Path) -> None:
    words = text_file(tmp_path, "xyz\n", "words.txt")
    expected = outcome(lmkit.count_ngrams, train_text("fr"), vocabulary=words)
    assert len(expected[1]) == 1
    assert outcome(in_steps, train_text("fr"), vocabulary=words, split_bytes=5000) == expected


@pytest.mark.parametrize("options", [{"cutoff": 0}, {"cutoff": 2, "vocabulary": "words.txt"}])
def test_wrong_usage_is_refused_as_elsewhere(options: dict[str, Any]) -> None:
    assert outcome(in_steps, train_text("fr"), **options) == outcome(lmkit.count_ngrams, train_text("fr"), **options)


def test_ranges_are_cut_within_a_word_that_begins_most_ngrams(tmp_path: Path) -> None:
    """`a` begins half of all n-grams; of six ranges, it has about three."""
    rng = np.random.default_rng(5)
    words = [f"w{number}" for number in rng.integers(0, 300, 6000)]
    text = text_file(tmp_path, "\n".join(" a ".join(words[at : at + 20]) for at in range(0, 6000, 20)))
    expected = file_of(lmkit.count_ngrams(text, 4))
    with Watched() as runner:
        found = count_on(runner, text, 4, split_bytes=20_000, ranges=6)
    assert file_of(found) == expected
    sizes = np.zeros(6, int)
    for message in runner.slices:
        sizes[message.target] += ngrams_in(message)
    assert sizes.min() * 6 > sizes.sum() / 2
    assert sizes.max() * 6 < sizes.sum() * 1.5


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=25),
    st.integers(1, 40),
    st.integers(0, 9),
)
def test_random_texts_are_counted_the_same(sentences: list[list[str]], split_bytes: int, ranges: int) -> None:
    text = "\n".join(map(" ".join, sentences)).encode() + b"\na"
    expected = file_of(lmkit.count_ngrams(io.BytesIO(text), 4))
    assert file_of(in_steps(io.BytesIO(text), 4, split_bytes=split_bytes, ranges=ranges)) == expected


def test_slices_take_few_bytes() -> None:
    """Eight bytes an n-gram as plain arrays (place, word, count) are less than half of that, compressed."""
    with Watched() as runner:
        count_on(runner, train_text("en"), 5, split_bytes=train_text("en").stat().st_size // 3, ranges=3)
    ngrams = sum(map(ngrams_in, runner.slices))
    assert sum(len(compressed(message.payload)) for message in runner.slices) < 4 * ngrams


def test_commands_share_out_what_they_count(lmkit_run: Run, tmp_path: Path) -> None:
    line = ("ngram", "train", "-n", 3, "--kneser-ney", train_text("fr"))
    shared = lmkit_run(
        *line, "--processes", "--workers", 2, "--memory", "3G", "--tmp", tmp_path, "-o", tmp_path / "shared.arpa"
    )
    alone = lmkit_run(*line, "-o", tmp_path / "alone.arpa")
    assert (tmp_path / "shared.arpa").read_bytes() == (tmp_path / "alone.arpa").read_bytes()
    assert shared.err == "lmkit: 2 worker processes, each with 1,536 MB of memory\n" + alone.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.arpa", "shared.arpa"]
    listed = lmkit_run("count", "-n", 2, train_text("fr"))
    assert lmkit_run("count", "-n", 2, "--processes", "--workers", 2, train_text("fr")).out == listed.out


def test_words_are_listed_by_processes_within_the_memory_and_the_folder_that_are_named(
    lmkit_run: Run, tmp_path: Path
) -> None:
    line = ("vocabulary", "list", train_text("fr"), "--workers", 2)
    alone, shared = lmkit_run(*line), lmkit_run(*line, "--processes", "--memory", "3G", "--tmp", tmp_path)
    assert shared.out == alone.out
    assert shared.err == "lmkit: 2 worker processes, each with 1,536 MB of memory\n" + alone.err
    missing = lmkit_run(*line, "--processes", "--tmp", tmp_path / "missing")
    assert missing.err == (
        f"lmkit: the folder for temporary files, {tmp_path / 'missing'}, does not exist.\nMake it, or name another with --tmp.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_told_as_without_processes(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, b"a b\n" * 50 + b"a \xff\n")
    line = ("ngram", "train", "-q", text, "-o", tmp_path / "x")
    shared, alone = lmkit_run(*line, "--processes", "--workers", 2), lmkit_run(*line)
    assert (shared.code, shared.err) == (alone.code, alone.err)
    assert f"{text}:51: invalid UTF-8" in shared.err


def test_lists_of_counts_are_not_shared_out(lmkit_run: Run) -> None:
    result = lmkit_run("ngram", "train", "--count-lists", "--processes", CORPORA / "toy.tok")
    assert (result.code, result.err) == (
        2,
        "lmkit: --processes shares texts out, and --count-lists reads lists.\nLeave it out.\n",
    )


def test_a_pipe_is_shared_out_as_a_file(tmp_path: Path) -> None:
    counting = f"lmkit ngram train -q -n 3 --processes --workers 2 --tmp {tmp_path}"
    piped = run_line(f"cat corpora/fr.train.tok | {counting}")
    assert piped.stdout == run_line("lmkit ngram train -q -n 3 corpora/fr.train.tok").stdout
    failed = run_line(f"printf 'a b\\na \\xff\\n' | {counting}")
    assert failed.stderr.decode().startswith("lmkit: <stdin>:2: invalid UTF-8 (byte 0xff) at byte offset 6.\n")
    assert list(tmp_path.iterdir()) == []


def test_words_are_listed_by_processes(lmkit_run: Run) -> None:
    line = ("vocabulary", "list", train_text("fr"), "--min-count", 2)
    assert lmkit_run(*line, "--processes", "--workers", 2).out == lmkit_run(*line).out


def test_a_pipe_is_refused_where_work_elsewhere_cannot_read_it() -> None:
    with Watched() as runner:
        runner.folder = None
        assert file_of(count_on(runner, train_text("fr"))) == file_of(lmkit.count_ngrams(train_text("fr")))
        with pytest.raises(lmkit.UsageError) as caught:
            count_on(runner, [train_text("fr"), io.BytesIO(b"a b\n")])
    assert str(caught.value) == (
        "<stream> can be read by this process only, and the work is done elsewhere.\n"
        "Write the text to a file that all machines can read, and name that."
    )


def test_texts_whose_size_nobody_tells_are_shared_out_one_by_one() -> None:
    names = [f"https://127.0.0.1/{number}.txt" for number in range(3)]
    apart = splits_of(names, lmkit.TextSettings(), 1 << 20)
    assert [[text.source for text in split] for split in apart] == [[name] for name in names]
    together = splits_of(names, lmkit.TextSettings(), 2 * UNTOLD)  # of very many texts, some are taken together
    assert list(map(len, together)) == [2, 1]
