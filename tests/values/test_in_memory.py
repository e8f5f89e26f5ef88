"""Text in memory is read as the same text in a file is."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from tests.conftest import TOY

TEXT = TOY.read_text(encoding="utf-8")
LINES = TEXT.splitlines()


class Views(io.BytesIO):
    """A stream that gives views, as some of sockets and stores do."""

    def read(self, size: int | None = -1) -> Any:
        """The next bytes, as a view."""
        return memoryview(super().read(size))


GIVEN: dict[str, Callable[[], Any]] = {
    "lines": lambda: lmkit.Lines(LINES),
    "lines with their ends": lambda: lmkit.Lines(TEXT.splitlines(keepends=True)),
    "lists in lines": lambda: lmkit.Lines([line.split(" ") for line in LINES]),
    "a generator": lambda: lmkit.Lines(line for line in LINES),
    "lists of words": lambda: [line.split(" ") for line in LINES],
    "tuples of words": lambda: tuple(tuple(line.split(" ")) for line in LINES),
    "words and nothing": lambda: [[None, *line.split(" "), ""] for line in LINES],
    "a stream of text": lambda: io.StringIO(TEXT),
    "a stream of views": lambda: Views(TEXT.encode()),
    "a text file": lambda: lmkit.TextFile(lmkit.Lines(LINES)),
    "several": lambda: [lmkit.Lines(LINES[:1]), io.StringIO("\n".join(LINES[1:]))],
}


@pytest.mark.parametrize("given", GIVEN)
def test_text_in_memory_has_the_counts_of_the_file(given: str) -> None:
    assert dict(lmkit.count_ngrams(GIVEN[given](), 3)) == dict(lmkit.count_ngrams(TOY, 3))


@pytest.mark.parametrize("letter", ["e", "é", "ɛ́", "😀"])
def test_a_stream_of_text_is_read_whole_however_many_bytes_its_letters_have(letter: str) -> None:
    text = f"{letter * 700}\n" * 3
    assert lmkit.count_ngrams(io.StringIO(text), 1)[letter * 700] == 3


def test_long_text_comes_in_pieces() -> None:
    assert lmkit.count_ngrams(lmkit.Lines(["a b c"] * 50_000), 2)["a b"] == 50_000


def test_a_text_file_that_was_opened_as_text_is_text() -> None:
    with TOY.open(encoding="utf-8") as opened:
        assert dict(lmkit.count_ngrams(opened, 2)) == dict(lmkit.count_ngrams(TOY, 2))


def test_lists_may_be_read_as_often_as_needed_and_generators_once() -> None:
    often, once = lmkit.Lines(LINES), lmkit.Lines(line for line in LINES)
    for _ in range(2):
        lmkit.count_ngrams(often, 1)
    lmkit.count_ngrams(once, 1)
    with pytest.raises(lmkit.UsageError) as error:
        lmkit.count_ngrams(once, 1)
    assert str(error.value) == (
        "<lines> comes from a generator, which was read to its end, and is to be read again.\n"
        "Give a list, list(…), which can be read as often as needed."
    )


def test_processes_share_out_text_in_memory() -> None:
    resources = lmkit.Resources(workers=2, processes=True)
    assert dict(lmkit.count_ngrams(lmkit.Lines(LINES), 2, resources=resources)) == dict(lmkit.count_ngrams(TOY, 2))


def test_text_in_memory_is_scored_and_filtered(tmp_path: Path) -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 2))
    assert lmkit.perplexity(model, lmkit.Lines(LINES)) == lmkit.perplexity(model, TOY)
    assert lmkit.word_list([["b", "a", "b"]]).words == ["b", "a"]
    del tmp_path


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (["a", "a\nb"], "<lines>:2: the sentence has a line break in it, and each is a line."),
        ([["New York"]], "<lines>:1: the word 'New York' has white space in it, which would cut it."),
        ([7], "<lines>:1: here is an int, and not a text or a list of words."),
        ([None], "<lines>:1: here is None, and not a text or a list of words."),
        ([b"a"], "<lines>:1: here is a bytes, and not a text or a list of words."),
        ([["a", 7]], "<lines>:1: here is an int in a list of words, and not a text."),
        (["a", "\udc80"], "<lines>:2: invalid UTF-8 (byte 0xed) at byte offset 2."),
    ],
)
def test_what_is_no_sentence_is_refused_with_its_number(sentences: Any, message: str) -> None:
    with pytest.raises(lmkit.DataError) as error:
        lmkit.count_ngrams(lmkit.Lines(sentences), 1)
    assert error.value.message == message


@pytest.mark.parametrize("given", ["le chat", b"le chat", 7])
def test_one_text_is_not_taken_for_a_list_of_letters(given: Any) -> None:
    with pytest.raises(lmkit.UsageError, match="and not texts or lists of words, one after the other"):
        lmkit.Lines(given)


def test_a_stream_of_neither_bytes_nor_text_is_refused() -> None:
    class Numbers:
        def read(self, size: int) -> Any:
            return [size]

    with pytest.raises(lmkit.DataError, match="is a stream of list, and not of bytes or text"):
        lmkit.count_ngrams(Numbers(), 1)  # type: ignore[arg-type]


def test_an_empty_list_of_texts_is_refused_and_does_not_wait_for_standard_input() -> None:
    with pytest.raises(lmkit.UsageError, match=r"^no text was named: the list is empty\."):
        lmkit.count_ngrams([])


def test_words_in_place_of_a_files_name_are_told_of_lines(tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError, match=r"give lmkit\.Lines"):
        lmkit.count_ngrams("le chat dort")
    with pytest.raises(lmkit.DataError, match=r"and its permissions\.$"):
        lmkit.count_ngrams(str(tmp_path / "none.tok"))


def test_smoothings_say_that_they_take_counts() -> None:
    name: Any = "fr.tok"
    model: Any = lmkit.laplace(lmkit.count_ngrams(TOY, 2))
    with pytest.raises(TypeError, match=r"^kneser_ney takes counts, .* and not str$"):
        lmkit.kneser_ney(name)
    with pytest.raises(TypeError, match=r"^kneser_ney takes counts, .* and not NgramModel$"):
        lmkit.kneser_ney(model)


@pytest.mark.parametrize(
    "ask",
    [
        lambda name: lmkit.perplexity(name, TOY),
        lambda name: lmkit.next_words(name, "le"),
        lambda name: lmkit.probability(name, "le"),
        lambda name: lmkit.compare(name, name, TOY),
    ],
)
def test_the_name_of_a_model_is_no_model_and_how_to_read_it_is_told(ask: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"lmkit\.load\('kn\.safetensors'\) reads it$"):
        ask("kn.safetensors")
