"""Sets of pairs and of analogies, told by what they hold."""

import gzip
from pathlib import Path

import pytest

import lmkit
from lmkit.errors import DataError
from tests.conftest import text_file

FORMATS = (
    "Pairs are two words and a number a line (with tabs, commas or blanks between them, other columns behind); "
    "analogies are four words a line, sections begin with a line as `: name`."
)
WORDSIM = (
    "# The WordSimilarity-353 Test Collection\n# Word 1\tWord 2\tHuman (mean)\nlove\tsex\t6.77\ntiger\tcat\t7.35\n"
)
SIMLEX = "word1\tword2\tPOS\tSimLex999\tconc(w1)\told\nold\tnew\tA\t1.58\t2.72\tx\nsmart\tclever\tA\t9.2\t1\tx\n"


@pytest.mark.parametrize(
    ("text", "pairs", "judgements"),
    [
        (WORDSIM, [("love", "sex"), ("tiger", "cat")], [6.77, 7.35]),
        (SIMLEX, [("old", "new"), ("smart", "clever")], [1.58, 9.2]),
        (
            "Word 1,Word 2,Human (mean)\r\nlove,sex,6.77\r\nice cream,cat,2\r\n",
            [("love", "sex"), ("ice cream", "cat")],
            [6.77, 2],
        ),
        ('"one","two","score"\n"ice, cold","cat",2\nsun, moon, 3\n', [("ice, cold", "cat"), ("sun", "moon")], [2, 3]),
        ("sun sunlight 50\n\nsun moon 4e1", [("sun", "sunlight"), ("sun", "moon")], [50, 40]),
        ("word1 word2 pos score\nold new A 1\n", [("old", "new")], [1]),
        ("a b -1\n", [("a", "b")], [-1]),
    ],
)
def test_pairs_of_words_with_a_judgement(
    tmp_path: Path, text: str, pairs: list[tuple[str, str]], judgements: list[float]
) -> None:
    found = lmkit.read_set(text_file(tmp_path, text, "set.tsv"))
    assert isinstance(found, lmkit.SimilaritySet)
    assert (found.name, list(found.pairs), found.judgements.tolist()) == ("set.tsv", pairs, judgements)


def test_analogies_with_sections_and_without(tmp_path: Path) -> None:
    text = ": family\nboy girl king queen\n: plural nouns\ncat cats dog dogs\nX Y Z W\n: family\na b c d\n"
    path = tmp_path / "questions.txt.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found = lmkit.read_set(path)
    assert isinstance(found, lmkit.AnalogySet)
    assert found.sections == ("family", "plural nouns")
    assert found.section.tolist() == [0, 1, 1, 0]
    assert found.questions[1] == ("cat", "cats", "dog", "dogs")
    found = lmkit.read_set(text_file(tmp_path, "boy girl king queen\ncat cats dog dogs\n"))
    assert isinstance(found, lmkit.AnalogySet)
    assert (found.sections, len(found.questions)) == (("",), 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "{} holds no pair and no question."),
        ("# nothing\n\n", "{} holds no pair and no question."),
        (": family\n", "{} has sections and no question."),
        (": family\nboy girl king\n", "{}:2: 'boy girl king' has 3 words, and an analogy has four."),
        (
            "le chat dort\nle chien boit du lait\n",
            "{}:2: 'le chien boit du lait' is neither a pair of words with a number nor an analogy of four words.",
        ),
        ("a b 1\nc d\n", "{}:2: 'c d' is no pair of words with a number in the same column as on the lines before."),
        (
            "a b 1\n# x\nc d nan\n",
            "{}:3: 'c d nan' is no pair of words with a number in the same column as on the lines before.",
        ),
    ],
)
def test_other_files_are_refused_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    path = text_file(tmp_path, text)
    with pytest.raises(DataError) as error:
        lmkit.read_set(path)
    assert str(error.value) == message.format(path) + "\n" + FORMATS
