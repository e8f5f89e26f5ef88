"""Lists of n-grams with their counts: what is read from them, and what is wrong with them."""

import gzip
from pathlib import Path

import pytest

import lmkit
from tests.conftest import CASES, Run, text_file
from tests.texts import listed_counts

pytestmark = pytest.mark.filterwarnings("ignore::lmkit.CountsWarning")


def read(folder: Path, text: str, **options: object) -> dict[str, int]:
    """What a list holds."""
    return listed_counts(lmkit.read_counts(text_file(folder, text, "x.counts"), **options))  # type: ignore[arg-type]


def error(folder: Path, text: str, **options: object) -> str:
    """The message that a list is refused with, without the name of the file."""
    with pytest.raises(lmkit.DataError) as refused:
        read(folder, text, **options)
    return str(refused.value).replace(str(folder / "x.counts"), "x")


def test_counts_of_srilm_and_google_are_read() -> None:
    assert listed_counts(lmkit.read_counts(CASES / "srilm.counts")) == {"le": 2, "chat": 1, "le chat": 1}
    assert listed_counts(lmkit.read_counts(CASES / "2gm-0001")) == {
        "le": 15, "chat": 12, "chien": 3, "le chat": 12, "le chien": 3,
    }  # fmt: skip


def test_a_folder_of_google_is_read_without_its_other_files(tmp_path: Path) -> None:
    """Of the words there are two lists, by word and by count."""
    for folder, files in {
        "1gms": {"vocab": "</S>\t2\n<S>\t2\na\t3\n", "vocab_cs": "a\t3\n<S>\t2\n</S>\t2\n", "total": "7\n"},
        "2gms": {"2gm-0000": "<S> a\t2\na </S>\t2\na a\t1\n", "2gm.idx": "2gm-0000.gz\t<S> a\n"},
    }.items():
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            plain = name in ("total", "2gm.idx")
            path = tmp_path / folder / (name if plain else f"{name}.gz")
            path.write_bytes(text.encode() if plain else gzip.compress(text.encode()))
    expected = {"<s>": 2, "</s>": 2, "a": 3, "<s> a": 2, "a </s>": 2, "a a": 1}
    assert listed_counts(lmkit.read_counts(tmp_path)) == expected
    assert listed_counts(lmkit.read_counts(f"{tmp_path}/*/*")) == expected


def test_files_with_the_names_of_google_alone_are_lists(tmp_path: Path) -> None:
    for name in ("total", "vocab", "subtotal", "x.idx"):
        text_file(tmp_path, "a\t2\n", name)
    assert listed_counts(lmkit.read_counts(tmp_path)) == {"a": 8}


def test_counts_of_the_same_n_gram_are_added_up_and_white_space_is_free(tmp_path: Path) -> None:
    assert read(tmp_path, "a b\t1\r\n\n a  b \t2\n\na\t3\nb\t 3 \n") == {"a": 3, "b": 3, "a b": 3}


def test_words_that_were_not_seen_are_known_and_n_grams_are_not(tmp_path: Path) -> None:
    counts = lmkit.read_counts(text_file(tmp_path, "a\t1\nb\t0\na b\t0\na a\t1\n"))
    assert listed_counts(counts) == {"a": 1, "a a": 1}
    assert counts.vocabulary.words[3:] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("a\t1\nb c\n", "x:2: no TAB in 'b c'."),
        ("a\t1\n\n2 b\n", "x:3: no TAB in '2 b'."),
        ("a\t1978\t2\t1\n", "x:1: 3 TABs in 'a\\t1978\\t2\\t1'."),
        ("a\t1\n2\tb\n", "x:2: the count 'b' is no whole number."),
        ("a\t1\nb\t\n", "x:2: the count '' is no whole number."),
        ("a\t1\n\t2\n", "x:2: there is no n-gram before the TAB."),
    ],
)
def test_what_is_no_line_of_counts_is_an_error_that_says_what_one_is(tmp_path: Path, lines: str, message: str) -> None:
    found, _, remedy = error(tmp_path, lines).partition("\n")
    assert found == message
    assert remedy.startswith(
        "A line of counts is an n-gram, a TAB and a count, as `lmkit count`, SRILM's ngram-count -write"
    )


def test_the_remedy_for_counts_that_come_first_is_one(tmp_path: Path) -> None:
    import subprocess

    command = error(tmp_path, "      2 a b\n").rpartition("first: ")[2].rstrip(".")
    turned = subprocess.run(["bash", "-c", command], input=b"      2 a b\n3\tb\n", capture_output=True, check=True)
    assert turned.stdout == b"a b\t2\nb\t3\n"


@pytest.mark.parametrize("count", ["1.5", "1e3", "-2", "inf"])
def test_counts_that_are_no_whole_numbers_are_an_error(tmp_path: Path, count: str) -> None:
    assert error(tmp_path, f"a\t1\nb\t{count}\n") == (
        f"x:2: the count {count!r} is no whole number.\n"
        "Smoothing looks at how many n-grams were seen once, twice, ...: counts are whole numbers. Round them, or count the text itself."
    )


@pytest.mark.parametrize("count", [2**48, 10**30])
def test_counts_that_no_text_has_are_an_error(tmp_path: Path, count: int) -> None:
    assert error(tmp_path, f"a\t1\nb\t{count}\n").startswith(f"x:2: the count '{count}' is too large.")


@pytest.mark.parametrize("ngram", ["<s> <s> a", "a </s> </s>", "a </s> b", "</s> <s>", "a <s>"])
def test_marks_stand_at_the_ends_of_n_grams_only(tmp_path: Path, ngram: str) -> None:
    assert error(tmp_path, f"a\t1\n{ngram}\t1\n") == (
        f"x:2: {ngram!r} has <s> after its first place, or </s> before its last.\n"
        "lmkit has one <s> before a sentence and one </s> after it: leave out n-grams that reach over these."
    )


def test_marks_in_capitals_are_marks_unless_there_are_both(tmp_path: Path) -> None:
    assert read(tmp_path, "<S> a\t1\na </S>\t1\n<UNK>\t2\na\t1\n") == {
        "<s>": 1, "</s>": 1, "a": 1, "<unk>": 2, "<s> a": 1, "a </s>": 1,
    }  # fmt: skip
    assert error(tmp_path, "<S> a\t1\na\t1\n<s> b\t1\n").startswith(
        "x: the counts have <S> and <s>: marks are written in one way."
    )


def test_an_empty_list_is_an_error(tmp_path: Path) -> None:
    assert error(tmp_path, "\n\n") == "x: there are no counts.\nThe file is empty, or has only blank lines."


def test_characters_have_their_names(tmp_path: Path) -> None:
    """As `lmkit count --unit character` lists them."""
    settings = lmkit.TextSettings(unit="character")
    text = text_file(tmp_path, "a b\n<s\n")
    counts = listed_counts(lmkit.count_ngrams(text, 2, settings=settings))
    assert (
        read(tmp_path, "".join(f"{ngram}\t{count}\n" for ngram, count in counts.items()), settings=settings) == counts
    )
    assert "a vocabulary of characters" in error(tmp_path, "ab\t1\n", settings=settings)


def test_lists_come_through_pipes_and_options_of_texts_are_refused(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "<s> a\t1\na </s>\t1\n", "x.gz")
    path.write_bytes(gzip.compress(path.read_bytes()))
    counts = tmp_path / "counts.safetensors"
    result = lmkit_run("ngram", "train", "--count-lists", path, "-o", counts)
    assert (result.code, result.err.splitlines()[-1]) == (
        0,
        "lmkit: 1 tokens in 1 sentences; n-grams of orders 1 to 2: 4 2",
    )
    assert lmkit_run("smooth", "-q", "--witten-bell", counts, "-o", tmp_path / "x.arpa").code == 0
    for option in (("--field", "a"), ("--no-header",), ("--format", "text"), ("--encoding-errors", "replace")):
        assert lmkit_run("ngram", "train", "--count-lists", *option, path, "-o", counts).code == 2
