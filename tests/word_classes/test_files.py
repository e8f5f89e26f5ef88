"""Files of classes are read in whatever form they have, and what is wrong in them is told by its line."""

import gzip
import io
from pathlib import Path

import pytest

import lmkit
from lmkit.classes.files.names import ClassFormat
from lmkit.classes.files.writing import write_paths
from tests.conftest import text_file, train_text

MEND = "Mend the line, or say with --class-format what the file is, if it was taken for something else."
ONE_CLASS = (
    "A word has one class: leave one of the lines out. If the words are in another column, say so with --class-format."
)


def read(text: str | bytes, class_format: ClassFormat = "auto") -> lmkit.WordClasses:
    """The classes in a file."""
    return lmkit.read_classes(io.BytesIO(text if isinstance(text, bytes) else text.encode()), class_format)


def found(classes: lmkit.WordClasses) -> dict[str, str]:
    """The class of each word."""
    words = [word.decode() for word in classes.vocabulary.words[3:]]
    return {word: str(classes.class_of(word)) for word in words}


def error_of(text: str | bytes, class_format: ClassFormat = "auto") -> str:
    """The message of the error that reading a file ends with."""
    with pytest.raises(lmkit.DataError) as caught:
        read(text, class_format)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "word\tclass\tcount\na\tX\t3\nb\tY\t2\nc\tX\t1\n",  # lmkit
        "word\tclass\na\tX\nb\tY\nc\tX\n",
        "a\tX\t3\nb\tY\t2\nc\tX\t1\n",
        "a\tX\nb\tY\nc\tX\n",  # mkcls
        "a X\r\n\r\nb  Y\r\n c X",
        "X a\nY b\nX c\n",  # SRILM
        "X 0.75 a\nY 1 b\nX 0.25 c\n",
        "X 0.75 a\nY b\nX 2.5e-1 c\n",
    ],
)
def test_the_form_is_found_by_what_all_lines_have_in_common(text: str) -> None:
    assert found(read(text)) == {"a": "X", "b": "Y", "c": "X"}
    assert found(read(gzip.compress(text.encode()))) == {"a": "X", "b": "Y", "c": "X"}


def test_counts_and_probabilities_come_with_the_words() -> None:
    counted = read("word\tclass\tcount\na\tX\t3\nb\tY\t2\n")
    assert counted.counts is not None
    assert counted.counts.tolist() == [0, 0, 0, 3, 2]
    assert counted.expansions is None
    srilm = read("X 0.75 a\nY b\nX 0.25 c\n")
    assert srilm.expansions is not None
    assert srilm.expansions[3:].tolist() == [0.75, 1.0, 0.25]
    assert srilm.counts is None
    assert read("X a\nY b\nX c\n").expansions is None  # none is said


def test_browns_paths_are_told_from_words_and_classes() -> None:
    paths = read("00\ta\t3\n01\tb\t2\n00\tc\t1\n")
    assert found(paths) == {"a": "00", "b": "01", "c": "00"}
    assert paths.counts is not None
    assert paths.counts[3:].tolist() == [3, 2, 1]
    assert found(read("0 a 3\n1 b 2\n")) == {"a": "0", "b": "1"}
    assert found(read("a\t00\t3\nb\t01\t2\nc\t00\t1\n")) == {"a": "00", "b": "01", "c": "00"}
    assert found(read("0 00 3\n1 01 3\n10 00 1\n")) == {"0": "00", "1": "01", "10": "00"}  # words that are numbers


def test_words_of_each_class_stand_most_frequent_first() -> None:
    classes = read("word\tclass\tcount\nb\tX\t1\na\tX\t1\nd\tY\t5\nc\tX\t4\n")
    words = classes.vocabulary.words
    assert [[words[word].decode() for word in members] for members in classes.members] == [["c", "a", "b"], ["d"]]


def test_what_may_be_read_in_two_ways_is_not_guessed() -> None:
    assert error_of("a b\nc d\n") == (
        "<stream> may be read in 2 ways, as no word or class comes twice: "
        "as words with their classes (--class-format word-class) or a class file of SRILM (--class-format srilm).\n"
        "Say which it is, or begin the file with a line `word TAB class`."
    )
    assert found(read("a 1\nc 2\n")) == {"a": "1", "c": "2"}  # all words would be numbers otherwise
    assert found(read("a b\nc d\n", "word-class")) == {"a": "b", "c": "d"}
    assert found(read("a b\nc d\n", "srilm")) == {"b": "a", "d": "c"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "<stream> holds no classes: there is no word in it.\n`lmkit classes train` makes such files."),
        ("\n \n", "<stream> holds no classes: there is no word in it.\n`lmkit classes train` makes such files."),
        (
            "word\tclass\tcount\n",
            "<stream> holds no classes: there is no word in it.\n`lmkit classes train` makes such files.",
        ),
        (
            "word\tclass\tcount\na\tX\t1\n\na\tY\t1\n",
            f"<stream>:4: the word 'a' is in the class Y, and in X on line 2.\n{ONE_CLASS}",
        ),
        ("word\tclass\na\tX\na\tX\n", f"<stream>:3: the word 'a' is on line 2 already.\n{ONE_CLASS}"),
        ("X 0.5 a\nY 1 b\nZ 0.5 a\n", f"<stream>:3: the word 'a' is in the class Z, and in X on line 1.\n{ONE_CLASS}"),
        (
            "word\tclass\na\tX\nb\n",
            f"<stream>:3: here is 'b', and each line must be: word class.\n{MEND}",
        ),
        (
            "word\tclass\tcount\na\t\t3\n",  # a word in no class
            f"<stream>:2: here is 'a 3', and each line must be: word class count.\n{MEND}",
        ),
        (
            "word\tclass\tcount\na\tX\tmany\n",
            f"<stream>:2: here is 'a X many', and each line must be: word class count.\n{MEND}",
        ),
        ("a X\nb Y\nc X z\n", f"<stream>:3: here is 'c X z', and each line must be: word class.\n{MEND}"),
        (
            "0 a 3\n1 b 2\n1 c\n",
            f"<stream>:3: here is '1 c', and each line must be: bits word count.\n{MEND}",
        ),
        (
            "X 0.5 a\nX 1.5 b\n",
            f"<stream>:2: here is 'X 1.5 b', and each line must be: CLASS word, or CLASS probability word.\n{MEND}",
        ),
        (
            "CITY 0.5 new york\nCITY 0.5 paris\n",
            (
                "<stream>:1: CITY stands for several words, 'new york'.\n"
                "lmkit has classes of single words: leave such lines out, or join their words in the file and in the text."
            ),
        ),
        (
            "this is a text of words\nand no file of classes\n",
            f"<stream>:1: here is 'this is a text of words', and each line must be: word class.\n{MEND}",
        ),
        (
            b"a X\nb\xff Y\n",
            (
                "<stream>:2: invalid UTF-8 (byte 0xff) at byte offset 5.\n"
                "The text may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8."
            ),
        ),
        (
            "word\tclass\tprobability\na\tx\t1.5\n",
            f"<stream>:2: here is 'a x 1.5', and each line must be: word class probability.\n{MEND}",
        ),
        (
            "word\tclass\tprobability\na\tx\t1e999\n",
            f"<stream>:2: here is 'a x 1e999', and each line must be: word class probability.\n{MEND}",
        ),
    ],
)
def test_a_damaged_file_is_refused_by_its_line(text: str | bytes, message: str) -> None:
    assert error_of(text) == message


def test_what_is_no_text_is_refused_by_the_name_it_has(toy_counts: Path, tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError, match=r"toy\.safetensors is not text: it looks like a safetensors file"):
        lmkit.read_classes(toy_counts)
    arpa = text_file(tmp_path, "\\data\\\nngram 1=1\n", "x.arpa")
    with pytest.raises(lmkit.DataError, match=r"x\.arpa is an ARPA file"):
        lmkit.read_classes(arpa)
    with pytest.raises(lmkit.DataError, match=r"cannot read .*nothing: No such file or directory"):
        lmkit.read_classes(tmp_path / "nothing")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(lmkit.UsageError) as caught:
        read("a X\n", "brown")  # type: ignore[arg-type]
    assert str(caught.value) == "the format of the classes is 'brown'; it must be auto, paths, word-class, srilm."


def test_marks_are_left_out_and_told() -> None:
    with pytest.warns(lmkit.VocabularyWarning) as told:
        classes = read("<s> 0\na 1\n<unk> 0\nb 1\n")
    assert [str(each.message) for each in told] == ["<stream>: <s>, <unk>: marks have no class, and are left out."]
    assert found(classes) == {"a": "1", "b": "1"}
    assert classes.names == (b"1",)


def test_probabilities_that_do_not_add_up_are_told() -> None:
    with pytest.warns(lmkit.ModelWarning) as told:
        read("X 0.5 a\nY 1 b\nX 0.4 c\n")
    assert [str(each.message) for each in told] == [
        (
            "<stream>: the probabilities of the words of a class don't add up to 1: X (0.9).\n"
            "A model made with them is no distribution."
        )
    ]


@pytest.mark.parametrize("hierarchy", [False, True])
def test_what_is_written_is_read_again(hierarchy: bool) -> None:
    classes = lmkit.train_classes(lmkit.count_ngrams(train_text("fr"), 2), 20, hierarchy=hierarchy)
    for write in (lmkit.write_classes, write_paths)[: 1 + hierarchy]:
        stream = io.BytesIO()
        write(classes, stream)
        again = lmkit.read_classes(io.BytesIO(stream.getvalue()))
        assert again.vocabulary.same_as(classes.vocabulary)
        assert again.names == classes.names
        assert again.of_words.tolist() == classes.of_words.tolist()
        assert again.counts is not None
        assert classes.counts is not None
        assert again.counts.tolist() == classes.counts.tolist()


def test_probabilities_are_written_too() -> None:
    stream = io.BytesIO()
    lmkit.write_classes(read("X 0.75 a\nY 1 b\nX 0.25 c\n"), stream)
    assert stream.getvalue() == b"word\tclass\tprobability\na\tX\t0.75\nb\tY\t1\nc\tX\t0.25\n"
    again = read(stream.getvalue())
    assert again.expansions is not None
    assert again.expansions[3:].tolist() == [0.75, 1.0, 0.25]


def test_classes_without_bits_are_no_paths() -> None:
    with pytest.raises(lmkit.DataError) as caught:
        write_paths(read("word\tclass\tcount\na\tX\t3\n"), io.BytesIO())
    assert str(caught.value) == (
        "paths have bits as names of classes, and counts.\nTrain the classes with --hierarchy, or write a .tsv."
    )
