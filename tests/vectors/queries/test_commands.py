"""The commands that ask vectors."""

import json
from pathlib import Path

import pytest

import lmkit
from tests.conftest import TOY, Run, text_file
from tests.vectors.small import ROYAL


@pytest.fixture(scope="module")
def royal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of vectors."""
    path = tmp_path_factory.mktemp("vectors") / "royal.safetensors"
    lmkit.save(ROYAL, path)
    return path


def test_the_cosine_of_the_course_needs_no_file(lmkit_run: Run) -> None:
    """(1, 2)·(2, 3) = 8, over √5·√13 = √65."""
    typed = ("--vector", "1,2", "--vector", "2,3")
    assert lmkit_run("vectors", "similarity", *typed).out == "1,2\t2,3\t0.9922778767\n"
    assert lmkit_run("vectors", "similarity", *typed, "--explain").out == (
        "a = (1, 2)\n"
        "b = (2, 3)\n"
        "a·b = 1·2 + 2·3 = 8\n"
        "|a| = √(1² + 2²) = √5\n"
        "|b| = √(2² + 3²) = √13\n"
        "cos(a, b) = a·b / (|a|·|b|) = 8/(√5·√13) = 8/√65 = 0.9922778767\n"
    )
    result = lmkit_run("vectors", "similarity", *typed, "--measure", "euclidean", "--json")
    assert json.loads(result.out) == {"a": "1,2", "b": "2,3", "distance": 2**0.5}


def test_other_measures_are_explained(lmkit_run: Run) -> None:
    typed = ("--vector", "-1,0.5", "--vector=2,-3", "--explain", "--measure")
    assert lmkit_run("vectors", "similarity", *typed, "dot").out.splitlines()[-1] == "a·b = (-1)·2 + 0.5·(-3) = -3.5"
    assert lmkit_run("vectors", "similarity", *typed, "euclidean").out.splitlines()[-1] == (
        "|a − b| = √((-1 − 2)² + (0.5 − (-3))²) = √21.25 = 4.609772229"
    )


def test_long_vectors_are_explained_without_their_terms(lmkit_run: Run) -> None:
    lines = lmkit_run("vectors", "similarity", "--vector", "1 " * 9, "--vector", "2 " * 9, "--explain").out.splitlines()
    assert lines[0] == "a = (1, 1, 1, 1, 1, 1, 1, 1, …) ∈ ℝ⁹"
    assert lines[2] == "a·b = Σ aᵢ·bᵢ = 18"


def test_similarity_of_words_and_of_pairs(lmkit_run: Run, royal: Path, tmp_path: Path) -> None:
    assert lmkit_run("vectors", "similarity", royal, "roi", "reine").out == "roi\treine\t0.6\n"
    assert lmkit_run("vectors", "similarity", royal, "roi", "--vector", "2,4,0").out == "roi\t2,4,0\t1\n"
    assert "cos(roi, reine) = roi·reine / (|roi|·|reine|) = 3/(√5·√5) = 3/√25 = 0.6\n" in (
        lmkit_run("vectors", "similarity", royal, "roi", "reine", "--explain").out
    )
    pairs = text_file(tmp_path, "roi\treine\n\nhomme femme\r\n")
    assert lmkit_run("vectors", "similarity", royal, "--pairs", pairs).out == "roi\treine\t0.6\nhomme\tfemme\t-1\n"
    lines = lmkit_run("vectors", "similarity", royal, "--pairs", pairs, "--json").out.splitlines()
    assert json.loads(lines[1]) == {"a": "homme", "b": "femme", "similarity": -1}


def test_neighbours_of_words_of_typed_vectors_and_of_rows_of_a_matrix(
    lmkit_run: Run, royal: Path, tmp_path: Path
) -> None:
    assert lmkit_run("vectors", "neighbours", royal, "roi", "femme", "--top", 2).out == (
        "roi\treine\t0.6\nroi\thomme\t0.4472136\nfemme\treine\t0.4472136\nfemme\tchat\t0\n"
    )
    result = lmkit_run("vectors", "neighbours", royal, "--vector", "0,0,1", "--top", 1, "--measure", "euclidean")
    assert result.out == "0,0,1\trien\t1\n"
    (line,) = lmkit_run("vectors", "neighbours", royal, "roi", "--top", 1, "--json").out.splitlines()
    assert json.loads(line) == {"word": "roi", "neighbour": "reine", "similarity": pytest.approx(0.6)}
    assert lmkit_run("cooc", "--window", 2, TOY, "-o", tmp_path / "toy.npz").code == 0
    assert lmkit_run("vectors", "neighbours", tmp_path / "toy.npz", "chat", "--top", 1).out.startswith("chat\tchien\t")


def test_an_analogy_and_questions_with_answers(lmkit_run: Run, royal: Path, tmp_path: Path) -> None:
    result = lmkit_run("vectors", "analogy", royal, "homme", "roi", "femme", "--top", 1)
    assert (
        result.out == "homme\troi\tfemme\treine\t0.8339591\n"
    )  # target (−1.5528, 0.8944), of length 1.7920; reine (−1, 2)/√5
    questions = text_file(tmp_path, ": royal\nhomme roi femme reine\nhomme roi chat\n")
    result = lmkit_run("vectors", "analogy", royal, "--questions", questions, "--top", 1, "--method", "mul")
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert [[*row[:4], row[5]] for row in rows] == [
        ["homme", "roi", "femme", "reine", "reine"],
        ["homme", "roi", "chat", "femme", ""],  # opposite to homme: what it has is divided by 0.001
    ]
    (first, _) = lmkit_run("vectors", "analogy", royal, "--questions", questions, "--top", 1, "--json").out.splitlines()
    assert json.loads(first).keys() == {"a", "b", "c", "answer", "score", "expected"}


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("similarity V roi", 2, "two words or vectors are compared, and 1 given.\n"),
        (
            "similarity V roi reine --pairs x",
            2,
            "--pairs takes VECTORS, and neither words nor --vector nor --explain.\n",
        ),
        ("similarity --vector 1,2 --vector 1,2,3", 2, "the vector '1,2,3' has 3 numbers, and the others have 2.\n"),
        ("similarity --vector 0,0 --vector 1,2", 1, "the vector of 0,0 is zero: it has no direction"),
        ("similarity V roy reine", 1, "the word 'roy' is not among the 6 words.\nNearest spellings: roi.\n"),
        ("similarity V --pairs BAD", 1, "BAD:1: 'un deux trois quatre cinq' has 5 words, and 2 are needed.\n"),
        ("similarity - --pairs -", 2, "two inputs would both be read from standard input.\n"),
        ("neighbours V", 2, "no word was given.\n"),
        ("neighbours V rien", 1, "the vector of rien is zero: it has no direction"),
        ("neighbours V --vector 1", 2, "the vector '1' has 1 numbers, and those of the words have 3.\n"),
        ("neighbours V roi --vector 1", 2, "the vector '1' has 1 numbers, and those of the words have 3.\n"),
        ("neighbours ONEHOT le", 1, "ONEHOT is a matrix of 17 × 14, and its rows are not the 14 words.\n"),
        ("analogy V homme roi", 2, "2 words were given, and an analogy is asked with three.\n"),
        ("analogy V", 2, "three words are needed, or --questions FILE.\n"),
        ("analogy V --questions BAD", 1, "BAD:1: 'un deux trois quatre cinq' has 5 words, and 3 or 4 are needed.\n"),
    ],
)
def test_bad_input(lmkit_run: Run, royal: Path, tmp_path: Path, line: str, code: int, message: str) -> None:
    bad = text_file(tmp_path, "un deux trois quatre cinq\n")
    one_hot = tmp_path / "onehot.npz"
    text = lmkit.encode_text(TOY)
    lmkit.save_matrix(one_hot, lmkit.WordMatrix(lmkit.one_hot(text), text.vocabulary))
    named = {"V": royal, "BAD": bad, "ONEHOT": one_hot}
    result = lmkit_run("vectors", *(named.get(word, word) for word in line.split(" ")))
    message = message.replace("BAD", str(bad)).replace("ONEHOT", str(one_hot))
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"lmkit: {message}")
