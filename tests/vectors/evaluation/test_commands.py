"""The commands that measure vectors."""

import json
from pathlib import Path

import pytest

import lmkit
from tests.conftest import Run, text_file
from tests.vectors.small import ROYAL, vectors_of


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Vectors and sets."""
    lmkit.save(ROYAL, tmp_path / "a.safetensors")
    table = {word.decode(): row for word, row in zip(ROYAL.words.words, ROYAL.matrix.tolist(), strict=True)}
    lmkit.save(vectors_of(table | {"chat": (1, 2, 0.1)}), tmp_path / "b.safetensors")
    pairs = "homme femme 1\nroi reine 5\nhomme roi 6\nfemme reine 7\nchat prince 3\n"
    return {
        "a": tmp_path / "a.safetensors",
        "b": tmp_path / "b.safetensors",
        "pairs": text_file(tmp_path, pairs, "pairs.txt"),
        "questions": text_file(tmp_path, ": royal\nhomme roi femme reine\n", "questions.txt"),
    }


def test_evaluate_prints_a_row_for_each_figure(lmkit_run: Run, files: dict[str, Path]) -> None:
    """Of ranks 1, 4, 2.5, 2.5 and 1, 2, 3, 4 the correlation is 1.5 / √(4.5 · 5) = 1/√10."""
    result = lmkit_run("vectors", "evaluate", files["a"], files["pairs"], files["questions"], "--samples", 200)
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert rows[0] == ["set", "section", "figure", "value", "low", "high", "answered", "all"]
    assert rows[1][:4] + rows[1][6:] == ["pairs.txt", "", "spearman", "0.316227766", "4", "5"]
    assert [[*row[:4], *row[6:]] for row in rows[2:6]] == [
        ["questions.txt", section, figure, "1", "1", "1"]
        for figure in ("3cosadd", "3cosmul")
        for section in ("royal", "total")
    ]
    assert rows[6][2:4] == [
        "signature",
        f"case:ignore|first:300000|epsilon:0.001|interval:bootstrap|samples:200|seed:1|lmkit:{lmkit.__version__}",
    ]
    assert rows[7][2:4] == ["vectors", ROYAL.signature()]
    assert result.err == "lmkit: pairs.txt: 1 of its words have no vector, or a zero one: prince\n"


def test_evaluate_as_json(lmkit_run: Run, files: dict[str, Path]) -> None:
    result = lmkit_run("vectors", "evaluate", files["a"], files["pairs"], "--json", "-q", "--case", "keep", "--top", 0)
    found = json.loads(result.out)
    assert result.err == ""
    assert found["figures"][0] == {
        "set": "pairs.txt",
        "figure": "spearman",
        "value": pytest.approx(10**-0.5),
        "low": pytest.approx(found["figures"][0]["low"]),
        "high": pytest.approx(found["figures"][0]["high"]),
        "answered": 4,
        "all": 5,
    }
    assert found["figures"][0]["low"] < found["figures"][0]["value"] < found["figures"][0]["high"]
    assert found["oov"] == {"pairs.txt": ["prince"]}
    assert found["signature"].startswith("case:keep|first:all|")


def test_compare_says_what_is_noise(lmkit_run: Run, files: dict[str, Path]) -> None:
    """In b, chat is nearer to roi − homme + femme than nothing, and reine is nearer: the figures are the same."""
    result = lmkit_run("vectors", "compare", files["a"], files["b"], files["pairs"], files["questions"])
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert rows[0] == ["set", "section", "figure", "a", "b", "difference", "low", "high", "p_value", "shared", "all"]
    assert rows[1] == ["pairs.txt", "", "spearman", "0.316227766", "0.316227766", "0", "0", "0", "1", "4", "5"]
    assert rows[-1][2:5] == ["vectors", ROYAL.signature(), ROYAL.signature()]
    assert result.err.splitlines()[0] == (
        "lmkit: pairs.txt, spearman: the difference of +0 on the 4 of 5 that both cover is no more than noise (+0 to +0)."
    )
    found = json.loads(lmkit_run("vectors", "compare", files["a"], files["b"], files["pairs"], "--json", "-q").out)
    assert found["differences"][0]["p_value"] == 1
    assert (found["a"], found["b"]) == (ROYAL.signature(), ROYAL.signature())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("homme roi 1\nroi reine 2\n", "a correlation needs 3 pairs, and no more than 2 are covered"),
        ("homme roi 1\nroi reine 1\nroi femme 1\n", "all cosines, or all judgements, are the same"),
    ],
)
def test_why_there_is_no_correlation_is_told(
    lmkit_run: Run, files: dict[str, Path], tmp_path: Path, text: str, reason: str
) -> None:
    few = text_file(tmp_path, text, "few.txt")
    result = lmkit_run("vectors", "evaluate", files["a"], few)
    assert result.err == f"lmkit: few.txt: no correlation: {reason}.\n"
    assert result.out.splitlines()[1].split("\t")[3:6] == ["nan"] * 3
    result = lmkit_run("vectors", "compare", files["a"], files["b"], few)
    assert result.err == f"lmkit: few.txt: no correlation: {reason}.\n"


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("evaluate V TEXT", 1, "TEXT:2: 'le chien boit du lait' is neither a pair of words with a number nor an analogy of four words.\n"),
        ("evaluate V OTHER", 1, "other.txt: none of the 1 pairs has all its words in the vocabulary"),
        ("evaluate - -", 2, "two inputs would both be read from standard input.\n"),
        ("compare V V OTHER", 1, "other.txt: of 1 pairs or questions there is none whose words both have vectors for.\n"),
    ],
)  # fmt: skip
def test_bad_input(lmkit_run: Run, files: dict[str, Path], tmp_path: Path, line: str, code: int, message: str) -> None:
    named = {
        "V": files["a"],
        "TEXT": text_file(tmp_path, "le chat dort\nle chien boit du lait\n"),
        "OTHER": text_file(tmp_path, "king queen 5\n", "other.txt"),
    }
    result = lmkit_run("vectors", *(named.get(word, word) for word in line.split(" ")))
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"lmkit: {message.replace('TEXT', str(named['TEXT']))}")
