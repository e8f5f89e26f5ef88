"""lmkit classes, as it is called."""

import json
from pathlib import Path

from tests.conftest import CORPORA, TOY, Run, text_file, train_text
from tests.shell_lines import run_line

CLASSES = "word\tclass\tcount\nthe\tc1\t4\na\tc1\t2\ncat\tc2\t3\ndog\tc2\t3\n"


def test_each_pass_is_told_on_stderr(lmkit_run: Run, tmp_path: Path) -> None:
    """Bits and classes of the toy text stand on the page of the documentation, too."""
    out = tmp_path / "toy.tsv"
    result = lmkit_run("classes", "train", TOY, "-k", "3", "-o", out)
    told = result.err.splitlines()
    assert (result.code, result.out) == (0, "")
    assert told[0] == "lmkit: 17 tokens in 3 sentences; n-grams of orders 1 to 2: 14 15"
    assert told[1].startswith("lmkit: first classes: ")
    assert [line.split(":")[1] for line in told[2:-1]] == [f" pass {number}" for number in range(1, len(told) - 2)]
    assert told[-1].startswith("lmkit: 3 classes of 11 words, ")
    assert out.read_text(encoding="utf-8").splitlines()[0] == "word\tclass\tcount"
    assert lmkit_run("classes", "train", TOY, "-k", "3", "-q").err == ""


def test_classes_are_written_to_a_pipe_and_read_from_one() -> None:
    result = run_line("cat corpora/en.train.tok | lmkit classes train -q -k 5 | lmkit classes show --top 1 -")
    assert result.returncode == 0, result.stderr
    rows = [line.split(b"\t") for line in result.stdout.splitlines()]
    assert rows[0] == [b"class", b"types", b"tokens", b"words"]
    assert [row[0] for row in rows[1:]] == [b"c1", b"c2", b"c3", b"c4", b"c5"]


def test_a_tree_is_written_as_paths_unless_the_name_says_tsv(lmkit_run: Run, tmp_path: Path) -> None:
    arguments = ["classes", "train", "-q", "-k", "4", "--hierarchy", train_text("en")]
    on_stdout = lmkit_run(*arguments).out
    for name in ("x.paths", "paths"):
        assert lmkit_run(*arguments, "-o", tmp_path / name).code == 0
        assert (tmp_path / name).read_text(encoding="utf-8") == on_stdout
    bits, word, count = on_stdout.splitlines()[0].split("\t")
    assert (set(bits) <= {"0", "1"}, word.isdigit(), count.isdigit()) == (True, False, True)
    lmkit_run(*arguments, "-o", tmp_path / "x.tsv")
    assert (tmp_path / "x.tsv").read_text(encoding="utf-8").splitlines()[:2] == [
        "word\tclass\tcount",
        f"{word}\t{bits}\t{count}",
    ]


def test_words_of_the_vocabulary_that_the_text_lacks_are_told(lmkit_run: Run, tmp_path: Path) -> None:
    words = text_file(tmp_path, "le\nchat\nchien\nvache\n", "words.txt")
    result = lmkit_run("classes", "train", TOY, "-k", "2", "--vocabulary", words)
    assert sorted(line.split("\t")[0] for line in result.out.splitlines()[1:]) == ["chat", "chien", "le"]
    assert result.err.splitlines()[-1] == f"lmkit: 1 word of {words} never seen, and in no class"


def test_more_classes_than_words_are_refused(lmkit_run: Run) -> None:
    result = lmkit_run("classes", "train", "-q", TOY, "-k", "50")
    assert (result.code, result.err) == (1, "lmkit: 50 classes are asked of 11 words.\nAsk for 2 to 11.\n")


def test_one_class_is_refused(lmkit_run: Run) -> None:
    result = lmkit_run("classes", "train", "-q", TOY, "-k", "1")
    assert (result.code, result.out) == (2, "")


def test_classes_are_written_as_tsv_only(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("classes", "train", TOY, "-k", "3", "-o", tmp_path / "x.csv")
    assert (result.code, result.err) == (
        2,
        f"lmkit: -o {tmp_path / 'x.csv'}: cannot write word classes as .csv.\nEnd the name in .tsv.\n",
    )


def test_classes_are_shown_by_their_most_frequent_words(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, CLASSES)
    assert lmkit_run("classes", "show", path).out == (
        "class\ttypes\ttokens\twords\nc1\t2\t6\tthe a\nc2\t2\t6\tcat dog\n"
    )
    assert lmkit_run("classes", "show", path, "--top", "1").out.splitlines()[1:] == ["c1\t2\t6\tthe", "c2\t2\t6\tcat"]
    assert json.loads(lmkit_run("classes", "show", path, "--json").out.splitlines()[1]) == {
        "class": "c2",
        "types": 2,
        "tokens": 6,
        "words": ["cat", "dog"],
    }


def test_classes_without_counts_are_shown_in_the_order_of_the_file(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "X b\nX a\nY c\n")
    assert lmkit_run("classes", "show", path).out.splitlines()[1:] == ["X\t2\t-\tb a", "Y\t1\t-\tc"]
    assert json.loads(lmkit_run("classes", "show", path, "--json").out.splitlines()[0])["tokens"] is None


def test_only_the_classes_of_some_words_are_shown(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, CLASSES)
    assert lmkit_run("classes", "show", path, "--words", "dog", "--words", "cat").out.splitlines()[1:] == [
        "c2\t2\t6\tcat dog"
    ]
    result = lmkit_run("classes", "show", path, "--words", "Dog", "--words", "cat")
    assert (result.code, result.err) == (
        1,
        "lmkit: 'Dog': in no class.\nWords are looked up as the file has them, capitals and all.\n",
    )


def test_the_form_of_a_file_can_be_said(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "a b\nc d\n")
    assert lmkit_run("classes", "show", path).code == 1
    assert lmkit_run("classes", "show", path, "--class-format", "srilm").out.splitlines()[1:] == [
        "a\t1\t-\tb",
        "c\t1\t-\td",
    ]


def test_a_text_is_no_file_of_classes(lmkit_run: Run) -> None:
    result = lmkit_run("classes", "show", CORPORA / "toy.tok")
    assert result.code == 1
    assert result.err.startswith(
        f"lmkit: {CORPORA / 'toy.tok'}:1: here is 'le chat boit du lait', and each line must be"
    )
