"""`lmkit vectors info` and `lmkit vectors convert`."""

import json
from pathlib import Path

import pytest

import lmkit
from tests.conftest import CORPORA, Run, text_file
from tests.shell_lines import run_line

VEC = "4 3\nle 1 2 2\nde 0 0 0\nchat 3 4 0\nle 1 1 1\n"


@pytest.fixture
def vec(tmp_path: Path) -> Path:
    """A small file of fastText's."""
    return text_file(tmp_path, VEC, "v.vec")


def test_info_says_what_is_in_a_file(lmkit_run: Run, tmp_path: Path, vec: Path) -> None:
    result = lmkit_run("vectors", "info", "--json", vec)
    signature = f"method:unknown|dimensions:3|format:word2vec text|repeated-words:1|lmkit:{lmkit.__version__}"
    expected = {
        "format": "word2vec text",
        "bytes": len(VEC),
        "words": 3,
        "dimensions": 3,
        "method": "unknown",
        "first_words": ["le", "de", "chat"],
        "norm": {"min": 0.0, "median": 3.0, "max": 5.0},
        "zero_vectors": 1,
        "repeated_words": 1,
        "state": [],
        "signature": signature,
    }
    assert (result.code, json.loads(result.out)) == (0, expected)
    assert result.err == f"lmkit: {vec}: 'le' comes again on line 5: the first vector of each is kept.\n"
    own = tmp_path / "v.safetensors"
    lmkit_run("vectors", "convert", "-q", vec, "-o", own)
    found = json.loads(lmkit_run("vectors", "info", "--json", own).out)
    assert found == expected | {"format": "safetensors", "bytes": own.stat().st_size}
    lines = lmkit_run("vectors", "info", own).out.splitlines()
    assert lines[5:9] == ["first_words\tle de chat", "norm.min\t0", "norm.median\t3", "norm.max\t5"]


def test_vectors_pass_through_pipes(vec: Path) -> None:
    for name in ("safetensors", "bin", "txt", "vec", "txt.gz", "vec.gz", "glove", "glove.gz"):
        line = f"lmkit vectors convert -q {vec} -o - --to {name} | lmkit vectors convert - -o - --to glove"
        ended = run_line(line)
        assert (ended.returncode, ended.stdout) == (0, b"le 1 2 2\nde 0 0 0\nchat 3 4 0\n")
        assert ended.stderr.endswith(b"on line 5: the first vector of each is kept.\nlmkit: 3 words, 3 dimensions\n")


@pytest.mark.parametrize(
    ("options", "out"),
    [
        (("--top", "2"), "2 3\nle 1 2 2\nde 0 0 0\n"),
        (("--top", "9"), "3 3\nle 1 2 2\nde 0 0 0\nchat 3 4 0\n"),
        (("--vocabulary", "LIST"), "2 3\nle 1 2 2\nchat 3 4 0\n"),
        (("--vocabulary", "LIST", "--top", "1"), "1 3\nle 1 2 2\n"),
        (("--unit-length",), "3 3\nle 0.33333334 0.6666667 0.6666667\nde 0 0 0\nchat 0.6 0.8 0\n"),
        (("--unit-length", "--decimals", "1"), "3 3\nle 0.3 0.7 0.7\nde 0 0 0\nchat 0.6 0.8 0\n"),
    ],
)
def test_convert_keeps_what_is_asked_for(
    lmkit_run: Run, tmp_path: Path, vec: Path, options: tuple[str, ...], out: str
) -> None:
    listed = text_file(tmp_path, "chat\nabsent\nle\n", "words.txt")
    given = [str(listed) if option == "LIST" else option for option in options]
    result = lmkit_run("vectors", "convert", vec, *given, "-o", "-", "--to", "vec")
    assert (result.code, result.out) == (0, out)
    zero = "lmkit: the zero vector of 'de' has no direction, and stays as it is.\n"
    assert (zero in result.err) == ("--unit-length" in options)
    kept = out.count("\n") - 1
    assert result.err.endswith(f"lmkit: {f'{kept} of 3' if kept < 3 else 3} words, 3 dimensions\n")


def test_words_of_a_list_are_compared_byte_by_byte(lmkit_run: Run, tmp_path: Path) -> None:
    vectors = text_file(tmp_path, "e\u0301 1.5 2\n\u00e9 3 4\n", "v.txt")
    listed = text_file(tmp_path, "e\u0301\n", "words.txt")
    result = lmkit_run("vectors", "convert", vectors, "--vocabulary", listed, "-o", "-", "--to", "glove")
    assert result.out == "e\u0301 1.5 2\n"
    result = lmkit_run("vectors", "convert", vectors, "--vocabulary", text_file(tmp_path, "x\n"), "-o", "-")
    assert (result.code, result.err.splitlines()[0]) == (1, "lmkit: none of the 2 words with vectors is in the list.")


def test_what_training_goes_on_from_stays_where_all_words_do(lmkit_run: Run, tmp_path: Path) -> None:
    import numpy as np

    words = lmkit.Vocabulary.from_words([b"le", b"chat"])
    state = {"contexts": np.ones((2, 3), np.float32)}
    lmkit.save(lmkit.WordVectors(words, np.ones((2, 3), np.float32), "glove", {}, state), tmp_path / "v")
    for options, left in (
        ((), {"contexts"}),
        (("--top", "2"), {"contexts"}),
        (("--top", "1"), set()),
        (("--unit-length",), set()),
    ):
        lmkit_run("vectors", "convert", tmp_path / "v", *options, "-o", tmp_path / "w")
        assert lmkit.load_vectors(tmp_path / "w").state.keys() == left


def test_wrong_usage_of_convert_is_told(lmkit_run: Run, tmp_path: Path, vec: Path) -> None:
    for options, message in (
        (("-o", tmp_path / "x.pdf"), f"-o {tmp_path / 'x.pdf'}: cannot write word vectors as .pdf."),
        (("-o", tmp_path / "x.txt", "--to", "glove"), f"-o {tmp_path / 'x.txt'} and --to glove say two formats."),
        (("-o", tmp_path / "x.bin", "--decimals", "3"), "--decimals is for text, and .bin holds numbers of 32 bits."),
        (
            ("-o", tmp_path / "x.txt", "--vocabulary-format", "csv"),
            "--vocabulary-format says how the list of --vocabulary is written, and there is none.",
        ),
    ):
        result = lmkit_run("vectors", "convert", vec, *options)
        assert (result.code, result.err.splitlines()[0]) == (2, f"lmkit: {message}")
    assert list(tmp_path.iterdir()) == [vec]


def test_invalid_utf_8_is_an_error_or_replaced(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, b"le 1.5 2\nt\xe9 3 4\n", "v.txt")
    for command in (("info",), ("convert", "-o", "-", "--to", "glove")):
        result = lmkit_run("vectors", command[0], path, *command[1:])
        assert (result.code, result.err.splitlines()[0]) == (1, f"lmkit: {path}:2: invalid UTF-8 (byte 0xe9).")
        result = lmkit_run("vectors", command[0], path, *command[1:], "--encoding-errors", "replace")
        assert result.code == 0
        assert "t\ufffd" in result.out


def test_vectors_are_no_model_for_the_commands_of_models(lmkit_run: Run, tmp_path: Path, vec: Path) -> None:
    own = tmp_path / "v.safetensors"
    lmkit_run("vectors", "convert", "-q", vec, "-o", own)
    for command in (
        ("ngram", "info", own),
        ("ngram", "info", vec),
        ("ngram", "check", vec),
        ("ngram", "convert", vec, "-o", tmp_path / "x.arpa"),
        ("vocabulary", "list", own),
        ("perplexity", vec, own),
        ("vectors", "successors", own, "-o", tmp_path / "x.npz"),
    ):
        result = lmkit_run(*command)
        assert result.code == 1
        *_, said, remedy = result.err.splitlines()
        assert " holds word vectors, and " in said
        assert remedy == "Commands that take VECTORS read it, as `lmkit vectors neighbours` does."


def test_models_and_counts_are_no_vectors_yet_and_successors_makes_some(lmkit_run: Run, tmp_path: Path) -> None:
    for name in ("counts.safetensors", "counts.arpa"):
        model, made = tmp_path / name, tmp_path / f"{name}.vectors.safetensors"
        lmkit_run("ngram", "train", "-q", "-n", "2", CORPORA / "toy.tok", "-o", model)
        for command in ("info", "plot"):
            result = lmkit_run("vectors", command, model)
            assert (result.code, result.err.splitlines()[1]) == (
                1,
                "What follows each word there can be its vector: `lmkit vectors successors` takes it from counts and models.",
            )
        assert lmkit_run("vectors", "successors", "-q", model, "-o", made).code == 0
        assert lmkit_run("vectors", "info", made).code == 0


def test_what_comes_from_standard_input_has_no_size(vec: Path) -> None:
    for line, is_file in (
        (f"lmkit vectors info --json - < '{vec}'", False),
        (f"lmkit vectors info --json '{vec}'", True),
    ):
        assert ("bytes" in json.loads(run_line(line).stdout)) == is_file
