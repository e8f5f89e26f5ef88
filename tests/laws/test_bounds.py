"""Results do not depend on threads, blocks and memory; nothing is left behind when the work cannot be finished."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine import kernels, pieces, progress, sparse
from lmkit.engine.threads import Offsets, map_in_order
from lmkit.errors import DataError
from lmkit.ngrams.counting import chain, count, renumbering, run_merging
from lmkit.smoothing import order_work
from lmkit.vectors import assembling, cooccurrence, pairs
from tests.conftest import ROOT, TOY, Run, held_out_text, train_text

LIMITS: list[tuple[lmkit.Resources, lmkit.Reading]] = [
    (lmkit.Resources(workers=1), lmkit.Reading()),
    (lmkit.Resources(workers=3), lmkit.Reading(block_bytes=700)),
    (lmkit.Resources(workers=2, memory=1), lmkit.Reading(block_bytes=3000)),
    (lmkit.Resources(workers=1, memory=150 << 20), lmkit.Reading(block_bytes=60_000)),
]


def file_of(value: lmkit.NgramCounts | lmkit.NgramModel) -> bytes:
    """The bytes of the file that a value is written to."""
    stream = io.BytesIO()
    lmkit.save(value, stream)
    return stream.getvalue()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is cut into pieces, ranges and runs that are much smaller than the texts of the tests."""
    monkeypatch.setattr(count, "RUN_TOKENS", 400)
    monkeypatch.setattr(run_merging, "MERGE_PART", 50)
    monkeypatch.setattr(renumbering, "MERGE_PART", 50)
    for module in (pieces, chain, renumbering, cooccurrence):
        monkeypatch.setattr(module, "PIECE", 64)
    monkeypatch.setattr(order_work, "row_pieces", lambda indptr: pieces.row_pieces(indptr, 64))
    for module in (pairs, assembling):
        monkeypatch.setattr(module, "PAIRS_AT_A_TIME", 500)
    monkeypatch.setattr(pairs, "TABLE_WORDS", 300)
    monkeypatch.setattr(cooccurrence, "LEAST_SEGMENT", 900)
    monkeypatch.setattr(assembling, "KEPT_TOGETHER", 300)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("resources", "reading"), LIMITS)
@pytest.mark.parametrize("cutoff", [1, 3])
def test_counts_and_models_do_not_depend_on_threads_blocks_and_memory(
    resources: lmkit.Resources, reading: lmkit.Reading, cutoff: int
) -> None:
    expected = lmkit.count_ngrams(train_text("fr"), 4, cutoff=cutoff)
    found = lmkit.count_ngrams(train_text("fr"), 4, cutoff=cutoff, reading=reading, resources=resources)
    assert file_of(found) == file_of(expected)
    for estimate in (lmkit.kneser_ney, lmkit.laplace):
        assert file_of(estimate(found, resources=resources)) == file_of(estimate(expected))


def test_small_pieces_give_what_whole_arrays_give(request: pytest.FixtureRequest) -> None:
    """The pieces of the other tests against those that users have."""
    whole = [lmkit.count_ngrams(train_text(language), 5) for language in ("fr", "en")]
    models = [file_of(lmkit.kneser_ney(value, closed=closed)) for value in whole for closed in (False, True)]
    cut = file_of(lmkit.count_ngrams(train_text("en"), 5, cutoff=2))
    request.getfixturevalue("small_pieces")
    pieces = [lmkit.count_ngrams(train_text(language), 5) for language in ("fr", "en")]
    assert [file_of(value) for value in pieces] == [file_of(value) for value in whole]
    assert [file_of(lmkit.kneser_ney(value, closed=closed)) for value in pieces for closed in (False, True)] == models
    assert file_of(lmkit.count_ngrams(train_text("en"), 5, cutoff=2)) == cut


def test_a_file_does_not_show_how_many_runs_there_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two runs, one has `a b` 200 times, the other `c d`: no count of the whole needs more than a byte."""
    text = b"a b\n" * 200 + b"c d\n" * 200
    whole = lmkit.count_ngrams(io.BytesIO(text), 3)
    assert [counts.dtype for counts in whole.chain.counts] == [np.uint16, np.uint8, np.uint8]  # 400 times <s>
    monkeypatch.setattr(count, "RUN_TOKENS", 300)
    assert file_of(lmkit.count_ngrams(io.BytesIO(text), 3, reading=lmkit.Reading(block_bytes=800))) == file_of(whole)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("memory", [None, 1])
def test_merging_on_disk_is_counting_together(memory: int | None) -> None:
    texts = [train_text("en"), held_out_text("fr"), train_text("fr"), TOY]
    merged = lmkit.merge_counts(
        [lmkit.count_ngrams(text, 3) for text in texts], resources=lmkit.Resources(memory=memory)
    )
    assert file_of(merged) == file_of(lmkit.count_ngrams(texts, 3))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("memory", [None, 1])
def test_cooccurrences_do_not_depend_on_pieces_and_memory(
    monkeypatch: pytest.MonkeyPatch, directed: bool, memory: int | None
) -> None:
    text = lmkit.encode_text(train_text("fr"), cutoff=2, reading=lmkit.Reading(block_bytes=2000))
    found = lmkit.cooccurrence(
        text, window=4, directed=directed, resources=lmkit.Resources(workers=3, memory=memory)
    ).matrix
    monkeypatch.undo()
    expected = lmkit.cooccurrence(text, window=4, directed=directed, resources=lmkit.Resources(workers=1)).matrix
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("workers", [1, 3])
def test_scores_do_not_depend_on_threads_and_blocks(workers: int) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3))
    expected = lmkit.perplexity(model, held_out_text("fr"))
    assert (
        lmkit.perplexity(
            model,
            held_out_text("fr"),
            resources=lmkit.Resources(workers=workers),
            reading=lmkit.Reading(block_bytes=100),
        )
        == expected
    )


def test_scoring_a_model_that_lacks_suffixes_equals_the_rule(tmp_path: Path) -> None:
    r"""A pruned model may hold "a b c" without "b c": p(c | b) is then backoff(b) p(c), and "a b c" counts as it stands."""
    arpa = "\\data\\\nngram 1=5\nngram 2=1\nngram 3=1\n\n\\1-grams:\n-99\t<s>\t-0.5\n-1\t</s>\n-1\ta\t-0.25\n-1\tb\t-0.125\n-1\tc\n"
    arpa += "\n\\2-grams:\n-0.3\ta b\t-0.1\n\n\\3-grams:\n-0.2\ta b c\n\n\\end\\\n"
    path = tmp_path / "pruned.arpa"
    path.write_text(arpa, encoding="utf-8")
    scores = lmkit.score_sentence(lmkit.load_model(path), "a b c")
    # a after <s>: -0.5 - 1; b after a: -0.3; c after a b: -0.2; </s> after b c, neither of which is a history: -1.
    assert [score.log10_prob for score in scores] == pytest.approx([-1.5, -0.3, -0.2, -1])
    assert [score.order for score in scores] == [1, 2, 3, 1]


@pytest.mark.parametrize("missing", ["coo_tocsr", "coo_todense", "csr_matvec", "csr_sample_offsets", "expandptr"])
def test_without_scipys_inner_kernels_all_is_the_same(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    expected = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3))
    figures = lmkit.perplexity(expected, held_out_text("fr"))
    text = lmkit.encode_text(train_text("fr"))
    pairs_of_words = lmkit.cooccurrence(text).matrix
    assert getattr(kernels, missing) is not None
    monkeypatch.setattr(kernels, missing, None)
    found = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3))
    assert file_of(found) == file_of(expected)
    assert lmkit.perplexity(found, held_out_text("fr")) == figures
    same = lmkit.cooccurrence(text).matrix
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(same, name), getattr(pairs_of_words, name))


some_pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(1, 5)), max_size=40)


@given(some_pairs, st.sampled_from([63, 8]), st.booleans())
def test_grouping_pairs_equals_a_dictionary(given_pairs: list[tuple[int, int, int]], key_bits: int, many: bool) -> None:
    """Also where row, column and place do not fit one integer, and in ranges of rows."""
    rows, columns, weights = (np.array([pair[place] for pair in given_pairs], np.int32) for place in range(3))
    expected: dict[tuple[int, int], int] = {}
    for row, column, weight in given_pairs:
        expected[row, column] = expected.get((row, column), 0) + weight
    ordered = sorted(expected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "KEY_BITS", key_bits)
        if many:
            indptr, found, groups = sparse.group_many(rows, columns, (7, 10))
        else:
            sorted_pairs = sparse.sort_pairs(rows, columns, (7, 10))
            indptr, found = sorted_pairs.indptr(7), sorted_pairs.columns
            groups = sorted_pairs.groups()
            assert sorted_pairs.sums(weights).tolist() == [expected[pair] for pair in ordered]
            parts = [(rows[weights == weight], columns[weights == weight], weight - 1) for weight in range(1, 6)]
            summed = sparse.sum_pairs(parts, np.arange(1, 6), (7, 10))
            assert list(zip(*(each.tolist() for each in summed), strict=True)) == [
                (*pair, expected[pair]) for pair in ordered
            ]
    assert list(zip(np.repeat(np.arange(7), np.diff(indptr)).tolist(), found.tolist(), strict=True)) == ordered
    assert [ordered[group] for group in groups] == [pair[:2] for pair in given_pairs]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("fails", [0, 2, 3])
def test_what_fails_first_is_raised_whatever_was_taken_ahead(workers: int, fails: int) -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise OSError("item 3")

    def work(number: int) -> int:
        if number == fails:
            raise ValueError(f"item {number}")
        return number

    results = map_in_order(work, items(), workers)
    assert [next(results) for _ in range(fails)] == list(range(fails))
    with pytest.raises((OSError, ValueError), match=f"^item {fails}$"):
        next(results)


def test_no_thread_waits_for_one_that_failed() -> None:
    offsets = Offsets()

    def work(number: int) -> int:
        if number == 1:
            time.sleep(0.05)
            raise DataError("the second part")
        return offsets.take(number, 1)

    with pytest.raises(DataError, match="the second part"):
        list(map_in_order(offsets.guard(work), range(6), 3))


def test_stages_have_the_names_of_the_literature() -> None:
    seen: list[str] = []

    class Notes(progress.Watcher):
        def stage(self, name: str, total: int | None) -> Callable[[int], None]:
            seen.append(name)
            return super().stage(name, total)

    with progress.watched_by(Notes()):
        counted = lmkit.count_ngrams(
            [train_text("fr"), held_out_text("fr")],
            2,
            resources=lmkit.Resources(memory=1),
            reading=lmkit.Reading(block_bytes=5000),
        )
        lmkit.kneser_ney(counted)
    assert "merging the 2-grams of 1 runs" in seen
    _, pairs_of_words = counted.ngrams().values()
    assert seen[-3:] == [
        "adjusting the counts of 1-grams",
        "adjusting the counts of 2-grams",
        f"adding up the counts of {pairs_of_words:,} n-grams",
    ]


def test_a_text_too_large_for_the_disk_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(DataError) as caught:
        lmkit.count_ngrams(train_text("fr"), 3, resources=lmkit.Resources(memory=1000, tmp=tmp_path))
    assert str(caught.value) == (
        f"no room for temporary files in {tmp_path}: 61.1 KB are needed next, 0.977 KB are free.\n"
        "Name a folder on a larger disk with --tmp, or allow more --memory."
    )


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 16 KB."""
    resource = pytest.importorskip("resource", reason="the system limits no files")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.usefixtures("small_files")
def test_files_that_may_not_grow_are_an_error_that_leaves_nothing(lmkit_run: Run, tmp_path: Path) -> None:
    """Temporary files are the first to try."""
    folder, out = tmp_path / "tmp", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    line = ("ngram", "train", "-n", 4, "-q", train_text("fr"))
    result = lmkit_run(*line, "--memory", "10K", "--tmp", folder, "-o", out / "x")
    assert result.code == 1
    assert result.err.startswith(f"lmkit: cannot write temporary files in {folder}: File too large.\nThe shell")
    assert list(folder.iterdir()) == list(out.iterdir()) == []
    result = lmkit_run(*line, "-o", out / "x")
    assert result.code == 1
    assert result.err.startswith(f"lmkit: cannot write {out}/x: File too large.")
    assert list(out.iterdir()) == []


def test_a_full_file_system_is_an_error_that_leaves_nothing(lmkit_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False
    ).returncode:
        pytest.skip(reason="a file system cannot be mounted here")
    try:
        line = ("ngram", "train", "-n", 4, "-q", train_text("fr"))
        result = lmkit_run(*line, "--memory", "10K", "--tmp", folder, "-o", tmp_path / "x")
        assert result.code == 1
        assert result.err.startswith(f"lmkit: no room for temporary files in {folder}: ")
        result = lmkit_run(*line, "-o", folder / "x")
        assert result.code == 1
        assert result.err.startswith(f"lmkit: cannot write {folder}/x: No space left on device.")
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def endless_training(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path, Path]]:
    """A training that spills to disk and never ends, its folder for temporary files, and that of its output."""
    folder, out = tmp_path / "tmp", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    options = ["-q", "--memory", "1M", "--tmp", str(folder), "-o", str(out / "x")]
    start = (  # in the background of a script, Ctrl-C would be ignored
        "import signal; from lmkit.cli.app import main; signal.signal(signal.SIGINT, signal.default_int_handler); main()"
    )
    command = [sys.executable, "-c", start, "ngram", "train", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    text = train_text("fr").read_bytes() * 50
    stop = threading.Event()

    def feed() -> None:
        try:
            while not stop.is_set():
                assert process.stdin is not None
                process.stdin.write(text)
        except (OSError, ValueError):
            pass  # it has ended

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        deadline = time.monotonic() + 60
        while not spilling(process.pid, folder) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert spilling(process.pid, folder)
        yield process, folder, out
    finally:
        stop.set()
        process.kill()
        process.wait()
        feeder.join()
        for pipe in (process.stdin, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]


def spilling(pid: int, folder: Path) -> bool:
    """Whether the process has mapped a file of the folder."""
    return str(folder) in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="the system does not tell what is mapped")  # noqa: PTH110
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 128 + 15), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_signal_while_spilling_leaves_nothing(
    endless_training: tuple["subprocess.Popen[bytes]", Path, Path], number: int, code: int
) -> None:
    process, folder, out = endless_training
    process.send_signal(number)
    assert process.wait(timeout=60) == code
    assert list(folder.iterdir()) == list(out.iterdir()) == []


def test_an_unfinished_output_is_removed_on_sigterm(tmp_path: Path) -> None:
    """The signal comes while the output is being written, under another name."""
    code = (
        "import os, signal, sys; from dataclasses import replace; from lmkit import families; from lmkit.cli import app\n"
        "def write(value, stream):\n"
        "    stream.write(b'half'); stream.flush(); print(os.listdir(sys.argv[-1])); os.kill(os.getpid(), signal.SIGTERM)\n"
        "families.FAMILIES['counts'] = replace(families.FAMILIES['counts'], write=write)\n"
        "sys.argv[1:] = ['ngram', 'train', '-q', 'corpora/toy.tok', '-o', sys.argv[-1] + '/x']\n"
        "app.main()"
    ).replace("sys.argv[-1])", f"{str(tmp_path)!r})")
    result = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, cwd=ROOT, check=False)
    assert result.returncode == 128 + 15, result.stderr
    assert b".lmkit-" in result.stdout
    assert list(tmp_path.iterdir()) == []
