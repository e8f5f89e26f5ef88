"""Lists of words as other tools write them: told by what all their lines have, said on stderr, and never guessed where there are two ways."""

import io
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lmkit
from tests.conftest import CASES, CORPORA, Run, text_file

WORDS = ["le", "chat", "12"]
IF_NOT = "\nIf it is something else, say so with --vocabulary-format."
LISTS = {
    "GloVe": ("le 20\nchat 4\n12 4\n", "words and their counts", [20, 4, 4]),
    "Kaldi": ("<eps> 0\nle 1\nchat 2\n12 3\n#0 4\n<s> 5\n</s> 6\n", "a word list of Kaldi", None),
    "Kaldi with TABs": ("<eps>\t0\nle\t1\nchat\t2\n12\t3\n#0\t4\n", "a word list of Kaldi", None),
    "numbered": ("le 0\nchat 1\n12 2\n", "words and their numbers", None),
    "numbered before": ("1 le\n2 chat\n3 12\n", "words after their numbers", None),
    "uniq -c": ("     20 le\n      4 chat\n      4 12\n", "words after their counts", [20, 4, 4]),
    "counts, TAB": ("4\tle\n4\tchat\n1\t12\n", "words after their counts", [4, 4, 1]),
    "fastText .vec": ("3 2\nle 0.1 -2e-3 \nchat 1 2 \n12 3 4 \n", "words with vectors", None),
    "GloVe vectors": ("le 0.1 -2 3\nchat 1 2 3\n12 3 4 5\n", "words with vectors", None),
    "fastText dictionary": (
        "4\nle 20 word\nchat 4 word\n12 4 word\n__label__x 2 label\n",
        "a dictionary of fastText",
        [20, 4, 4],
    ),
    "word2vec vocabulary": ("</s> 0\nle 20\nchat 4\n12 4\n", "words and their counts", [20, 4, 4]),
    "JSON object": ('{"<unk>": 0, "chat": 2, "le": 1, "12": 3}', "a vocabulary in JSON", None),
    "JSON list": ('[\n "le",\n "chat", "12"]', "a vocabulary in JSON", None),
    "CSV": ("word,count\nle,20\nchat,4\n12,4\n", "CSV with the columns word, count", [20, 4, 4]),
    "CSV of semicolons": ("\nrank;Token;x\n1;le;a,b\n2;chat;\n3;12;c\n", "CSV with the columns rank, Token, x", None),
    "CSV in quotes": ('"word"\n"le"\n"chat"\n"12"\n', "CSV with the columns word", None),
    "TSV, the word later": (
        "id\tfreq\tword\n0\t20\tle\n1\t4\tchat\n2\t4\t12\n",
        "a table with the columns id, freq, word",
        None,
    ),
    "CRLF": ("\r\n<eps> 0\r\nle 1\r\nchat 2\r\n12 3\r\n", "a word list of Kaldi", None),
    "CSV, CRLF": ('"word","freq"\r\n"le","20"\r\n"chat",4\r\n12,4\r\n', "CSV with the columns word, freq", [20, 4, 4]),
    "TSV": ("word\tcount\nle\t20\nchat\t4\n12\t4\n", "a table with the columns word, count", [20, 4, 4]),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("ending", ["", "\n"])
def test_lists_of_other_tools_are_read_and_what_they_are_taken_for_is_said(
    name: str, ending: str, tmp_path: Path
) -> None:
    data, title, counts = LISTS[name]
    data = data.rstrip("\n") + ending
    with pytest.warns(lmkit.VocabularyWarning) as told:
        found = lmkit.read_word_list(text_file(tmp_path, data))
    assert found.words == WORDS
    assert (None if found.counts is None else found.counts[3:].tolist()) == counts
    (message,) = {str(each.message) for each in told}
    assert message.startswith(f"{tmp_path / 'text.txt'} is read as {title}: 3 words")
    assert message.endswith(IF_NOT)


PLAIN = {
    "numbers": "12\n7\n1999\n",
    "numbers with counts": "12\t5\n7\t3\n",
    "numbers with commas": "1,5\n2,75\n",
    "words with counts": "le\t20\nchat\t4\n12\t4\n",
    "columns of words": "le\tl @\nchat\tS a\n",
    "columns not of all": "4\tle\nchat\n",
    "signs": ",\n;\n{\n[\n",
    "words with commas": "le,2\nchat,x\n",
    "pieces with counts": "▁le\t20\n▁chat\t4\n",
    "columns with names": "word\tpos\nle\tdet\n",
    "the word word and counts": "word\t20\ncount\t4\n",
    "the word word": "word\ncount\n",
}


@pytest.mark.parametrize("name", PLAIN)
def test_one_word_a_line_stays_so_and_nothing_is_said(name: str, tmp_path: Path) -> None:
    data = PLAIN[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = lmkit.read_word_list(text_file(tmp_path, data))
    assert found.words == [line.partition("\t")[0] for line in data.splitlines()]


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=5)


@given(st.lists(words, min_size=1, max_size=8, unique=True))
@example(["0", "1"])
@example(["[", '"a"', "]"])
def test_any_words_one_a_line_are_these_words(listed: list[str]) -> None:
    kept = [word for word in listed if not word.startswith("\ufeff") and word not in ("<s>", "</s>", "<unk>")]
    if kept and not re.match(r'\s*[\[{"]', kept[0]) and not all(re.search("[,;]", word) for word in kept):
        data = "".join(f"{word}\n" for word in kept).encode()
        settings = lmkit.TextSettings(normalize="none")
        assert lmkit.read_word_list(io.BytesIO(data), settings).words == kept


def in_quotes(word: str) -> str:
    """A word as a cell of CSV."""
    quoted = word.replace('"', '""')
    return f'"{quoted}"'


WRITTEN: dict[str, Callable[[int, str], str]] = {
    "lines": lambda number, word: f"{word}\t{number}\n",
    "word-number": lambda number, word: f"{word} {number}\n",
    "number-word": lambda number, word: f"{number:7d} {word}\n",
    "vectors": lambda number, word: f"{word} {number} -1e-3 0.5\n",
    "csv": lambda number, word: f"{'' if number else 'count,word' + chr(10)}{number},{in_quotes(word)}\n",
    "json": lambda number, word: f"{',' if number else '['}{json.dumps(word)}\n",
}


@pytest.mark.parametrize("form", WRITTEN)
@given(st.lists(words, min_size=1, max_size=8, unique=True))
def test_a_list_is_what_was_written_in_the_format_that_is_told_and_never_another_one_in_the_one_found_out(
    form: str, listed: list[str]
) -> None:
    kept = [word for word in listed if "\ufeff" not in word and word not in ("<s>", "</s>", "<unk>")]
    if not kept:
        return
    data = "".join(WRITTEN[form](number, word) for number, word in enumerate(kept)) + "]" * (form == "json")
    settings = lmkit.TextSettings(normalize="none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = lmkit.WordFile(io.BytesIO(data.encode()), list_format=form)  # type: ignore[arg-type]
        assert lmkit.read_word_list(told, settings).words == kept
        try:
            found = lmkit.read_word_list(io.BytesIO(data.encode()), settings).words
        except lmkit.DataError:
            return
        assert found == kept


AMBIGUOUS = {
    "two numbers": ("12 5\n7 3\n", "Each line has two numbers: which is the word?", "word-number", "number-word"),
    "numbers first, TAB": (
        "1\tone\n2\ttwo\n",
        "Each line begins with a number: is it the word, or does the word follow?",
        "lines",
        "number-word",
    ),
    "CSV without names": (
        "le,2\nchat,1\n",
        "Each line has a , and a number: are these a part of the word?",
        "lines",
        "csv",
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_list_that_can_be_read_in_two_ways_is_an_error_until_it_is_told(
    name: str, lmkit_run: Run, tmp_path: Path
) -> None:
    data, question, *formats = AMBIGUOUS[name]
    path = text_file(tmp_path, data)
    result = lmkit_run("count", "--vocabulary", path, CASES / "t.txt")
    remedy = f"Say so with --vocabulary-format {formats[0]} or --vocabulary-format {formats[1]}."
    assert (result.code, result.out) == (1, "")
    assert result.err == f"lmkit: {path}: a list of words, but which? {question}\n{remedy}\n"
    found = [lmkit.read_word_list(lmkit.WordFile(path, list_format=each)).words for each in formats]  # type: ignore[arg-type]
    first, second = ([re.split("[ \t,]", line)[place] for line in data.splitlines()] for place in (0, 1))
    whole = [line.partition("\t")[0] for line in data.splitlines()]
    assert (
        found
        == {
            "two numbers": [first, second],
            "numbers first, TAB": [first, second],
            "CSV without names": [whole, first],
        }[name]
    )


def test_a_format_that_is_told_is_not_said(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "le 2\nchat 1\n", "words.txt")
    told = lmkit_run("count", "--vocabulary", path, "--vocabulary-format", "word-number", CASES / "t.txt")
    assert (told.code, told.out, told.err) == (0, "<unk>\t3\nle\t2\nchat\t1\n", "")
    wrong = lmkit_run("count", "--vocabulary-format", "csv", CASES / "t.txt")
    assert (wrong.code, wrong.out) == (2, "")
    assert "--vocabulary-format says how the list of --vocabulary is written, and there is none." in wrong.err


def test_what_is_left_out_is_said(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("count", "--vocabulary", CASES / "kaldi_words.txt", CASES / "t.txt")
    assert result.err == (
        f"lmkit: {CASES / 'kaldi_words.txt'} is read as a word list of Kaldi: 2 words; left out: <eps> #0.{IF_NOT}\n"
    )
    spaces = text_file(tmp_path, "le 1 2 3\n. . 4 5 6\nchat 7 8 9\n")
    with pytest.warns(lmkit.VocabularyWarning, match=r"words with vectors: 2 words; left out: [.] [.][.]"):
        assert lmkit.read_word_list(spaces).words == ["le", "chat"]


def test_pieces_stay_pieces_and_a_text_of_words_has_none_of_them(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "<unk>\t0\n<s>\t0\n</s>\t0\n▁le\t-1.2\n▁chat\t-2.3\n", "spm.vocab")
    result = lmkit_run("count", "--vocabulary", path, CASES / "t.txt")
    assert (result.code, result.out) == (0, "<unk>\t6\n")
    assert result.err.startswith(f"lmkit: {path} is read as a list of the pieces of SentencePiece: 2 words.{IF_NOT}\n")
    assert f"no token of {CASES / 't.txt'} is in the vocabulary {path} (▁le ▁chat)" in result.err


@pytest.mark.parametrize(
    ("lines", "more", "wanted"),
    [
        ("le 2\n" * 20_000, "chat\n", "a word and a number"),
        ("2 le\n" * 20_000, "chat noir\n", "a number and a word"),
        ("le 1 2 3\n" * 20_000, "chat 1\n", "a word and 3 values"),
        ("word,count\n" + "le,2\n" * 20_000, "chat\n", "2 cells"),
    ],
)
def test_a_later_line_of_another_form_is_an_error(lines: str, more: str, wanted: str, tmp_path: Path) -> None:
    path = text_file(tmp_path, lines + more)
    with pytest.raises(lmkit.DataError) as refused:
        lmkit.read_word_list(path)
    at = lines.count("\n") + 1
    assert str(refused.value) == (
        f"{path}:{at}: here is {more.strip()!r}, and not {wanted} as on the lines before.\n"
        "Mend the line, or say how the list is written with --vocabulary-format."
    )


@pytest.mark.parametrize("name", ["GloVe", "Kaldi", "JSON list", "CSV"])
@pytest.mark.parametrize("command", ["ngram restrict", "ngram merge", "vocabulary compare"])
def test_every_command_that_takes_a_list_takes_these(
    command: str, name: str, lmkit_run: Run, toy_counts: Path, tmp_path: Path
) -> None:
    path = text_file(tmp_path, LISTS[name][0], "words")
    model = tmp_path / "model.safetensors"
    lmkit.save(lmkit.witten_bell(lmkit.load(toy_counts)), model)
    how = {
        "ngram restrict": [model, "--vocabulary", path, "-o", tmp_path / "out"],
        "ngram merge": [toy_counts, "--add-words", path, "-o", tmp_path / "out"],
        "vocabulary compare": [toy_counts, path, "--b", "words"],
    }[command]
    result = lmkit_run(*command.split(), *how)
    assert result.code == 0
    assert f"{path} is read as {LISTS[name][1]}: 3 words" in result.err
    if command == "vocabulary compare":
        assert "shared_types\t2\n" in result.out  # le and chat


def test_an_unknown_format_is_wrong_usage() -> None:
    with pytest.raises(lmkit.UsageError, match="list_format is 'xml'; it must be one of: auto, lines, word-number,"):
        lmkit.WordFile("x", list_format="xml")  # type: ignore[arg-type]


def test_an_arpa_file_is_no_list_of_words(tmp_path: Path, lmkit_run: Run) -> None:
    model = tmp_path / "model"
    for first in ("", "a comment\n"):
        model.write_text(first + "\n\\data\\\nngram 1=1\n\n\\1-grams:\n-1 a\n\n\\end\\\n")
        result = lmkit_run("count", "--vocabulary", model, CORPORA / "toy.tok")
        assert result.code == 1
        assert result.err == (
            f"lmkit: {model} is an ARPA file, and no list of words.\n"
            "It is a model, perhaps: commands take it as MODEL, before the text; `lmkit vocabulary list` lists its words.\n"
        )
