"""lmkit vocabulary list: word lists that every command takes; and what all commands of vocabularies refuse."""

import io
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.cli.commands.vocabulary.list import table_of
from lmkit.engine.files.output_formats import checked_output
from tests.conftest import CASES, CORPORA, ROOT, TOY, Run, text_file
from tests.shell_lines import run_line

WORDS = ["a", "b", "c", "é", "A", "É", "\ufeffa", "ɖe", "w'", "\u202fx", "12", "a\u0301"]
sentences = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), min_size=1, max_size=12)


AS_IT_IS = lmkit.TextSettings(normalize="none")


def stream(lines: list[str]) -> io.BytesIO:
    """The lines as a text to read; a byte order mark is put before them, so that none of theirs is taken for one."""
    return io.BytesIO("".join(f"{line}\n" for line in lines).encode("utf-8-sig"))


def code_points(pair: tuple[str, int]) -> tuple[int, bytes]:
    """The place of a word and its count in a list: most frequent first, ties by code point."""
    return -pair[1], pair[0].encode()


def test_words_are_listed_most_frequent_first_then_by_code_point(lmkit_run: Run) -> None:
    """`le` stands three times in the toy text, `boit` `chat` `du` `lait` twice, all others once."""
    result = lmkit_run("vocabulary", "list", TOY, "--min-count", 2)
    assert result.out == "le\t3\nboit\t2\nchat\t2\ndu\t2\nlait\t2\n"
    assert result.err == (
        "lmkit: 5 of 11 words, the rarest of them seen 2 times; they cover 11 of 17 running words (64.71 %)\n"
    )


def test_ties_at_the_size_are_broken_by_code_point(lmkit_run: Run) -> None:
    result = lmkit_run("vocabulary", "list", TOY, "--top", 3, "--quiet")
    assert (result.out, result.err) == ("le\t3\nboit\t2\nchat\t2\n", "")
    assert len(lmkit_run("vocabulary", "list", TOY, "--top", 99).out.splitlines()) == 11


def test_the_whole_list_is_what_count_lists(lmkit_run: Run) -> None:
    for options in ((), ("--lowercase",), ("--unit", "character"), ("--unit", "byte")):
        text = CORPORA / "fr.train.txt"
        assert lmkit_run("vocabulary", "list", text, *options).raw == lmkit_run("count", text, *options).raw


def test_unknown_words_of_the_text_are_not_listed(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "<unk> a <unk>\n")
    result = lmkit_run("vocabulary", "list", text, "--reserved", "keep")
    assert result.out == "a\t1\n"
    assert "they cover 1 of 3 running words" in result.err


@given(sentences)
def test_a_list_that_was_written_is_read_back(lines: list[str]) -> None:
    counted = Counter(" ".join(lines).split(" "))
    listed = lmkit.word_list(stream(lines), settings=AS_IT_IS)
    assert listed.counts is not None
    pairs = list(zip(listed.words, listed.counts[3:].tolist(), strict=True))
    assert pairs == sorted(counted.items(), key=code_points)
    assert (listed.types, listed.tokens) == (len(counted), sum(counted.values()))


@pytest.mark.parametrize("word", WORDS)
def test_odd_words_survive_the_file(tmp_path: Path, word: str) -> None:
    listed = lmkit.word_list(stream([f"{word} {word} z"]), settings=AS_IT_IS)
    checked_output(tmp_path / "words.txt", "words").write(table_of(listed))
    again = lmkit.read_word_list(tmp_path / "words.txt", settings=AS_IT_IS)
    assert again.counts is not None
    assert (again.words, again.counts[3:].tolist()) == ([word, "z"], [2, 1])
    counts = lmkit.count_ngrams(stream([f"{word} z y"]), 1, vocabulary=tmp_path / "words.txt", settings=AS_IT_IS)
    assert (counts[word], counts["z"], counts["<unk>"]) == (1, 1, 1)


def test_every_vocabulary_option_takes_the_list(lmkit_run: Run, tmp_path: Path) -> None:
    words, model = tmp_path / "words.txt", tmp_path / "m.safetensors"
    assert lmkit_run("vocabulary", "list", TOY, "--min-count", 2, "-o", words).out == ""
    lmkit_run("ngram", "train", TOY, "-n", 2, "--kneser-ney", "--discount-fallback", "-o", model)
    for command in ("count", "entropy", "cooc"):
        limited, cut = (lmkit_run(command, TOY, *limit) for limit in (("--vocabulary", words), ("--cutoff", 2)))
        assert (limited.code, limited.out) == (0, cut.out.replace("cutoff:2", "cutoff:vocabulary-file")), command
    assert lmkit_run("onehot", TOY, "--vocabulary", words).out.startswith("token\tindex\nle\t3\nchat\t5\nboit\t4\n")
    assert lmkit_run("ngram", "train", TOY, "--vocabulary", words, "-o", tmp_path / "c").code == 0
    assert lmkit.load_counts(tmp_path / "c").vocabulary.words[3:] == [b"le", b"boit", b"chat", b"du", b"lait"]
    assert lmkit_run("ngram", "restrict", model, "--vocabulary", words, "-o", tmp_path / "r").code == 0
    assert len(lmkit.load_model(tmp_path / "r").vocabulary) == 8


TEXT = "le chat dort\nle chien dort\n"
CASE = "Is it in the same language and the same letter case?"
CSV = "Is it CSV? Only a TAB ends the word of a line."
CAPITALS = "Its words are in capital letters: is the text, too?"
PIECES = (
    "Its words are pieces of a subword tokenizer, as SentencePiece lists them with scores: "
    "they are found in text that was cut into such pieces."
)


@pytest.mark.parametrize("command", ["count", "ngram train -q", "entropy", "onehot -q", "cooc"])
@pytest.mark.parametrize(
    ("words", "shown", "why"),
    [
        ("▁le\n▁chat\n", "▁le ▁chat", PIECES),
        ("le,x,2\nchat,y\n", "le,x,2 chat,y", CSV),
        ("LE\nCHAT\n", "LE CHAT", CAPITALS),
        ("the\ncat\nsleeps\nnow\n", "the cat sleeps …", CASE),
    ],
)
def test_a_vocabulary_without_any_token_of_the_text_is_warned_of(
    lmkit_run: Run, tmp_path: Path, command: str, words: str, shown: str, why: str
) -> None:
    text, listed = text_file(tmp_path, TEXT), text_file(tmp_path, words, "words.txt")
    result = lmkit_run(*command.split(), text, "--vocabulary", listed)
    assert result.code == 0
    assert result.err.startswith(
        f"lmkit: no token of {text} is in the vocabulary {listed} ({shown}): all of them are <unk>.\n{why}\n"
    )
    known = lmkit_run(*command.split(), text, "--vocabulary", text_file(tmp_path, words + "dort\n", "words.txt"))
    assert (known.code, "no token" in known.err) == (0, False)


def test_the_warning_from_python_names_what_was_given() -> None:
    words = lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", b"Z"])
    with pytest.warns(
        lmkit.VocabularyWarning, match="^no token of <stream> is in the vocabulary that was given [(]Z[)]"
    ):
        assert lmkit.count_ngrams(stream(["a b"]), 1, vocabulary=words)["<unk>"] == 2
    blank = lmkit.count_ngrams(stream([""]), 1, vocabulary=words, settings=lmkit.TextSettings(blank_lines="sentence"))
    assert blank.tokens == 0  # none of which is unknown


LIST_OF_JSON = "Make it a list of words, one a line: of the keys of an object, with jq -r 'keys_unsorted[]'; of a list, with jq -r '.[]'."


@pytest.mark.parametrize(
    ("data", "problem", "remedy"),
    [
        (
            '{"word": "le", "count": 2}\n{"word": "chat", "count": 1}\n',
            "begins as JSON, and is none: Extra data: line 2 column 1 (char 27).",
            LIST_OF_JSON,
        ),
        (
            '{"le": "a", "chat": "b"}',
            "is JSON, and neither an object with a number for each word nor a list of words.",
            LIST_OF_JSON,
        ),
        ('["le", 2]', "is JSON, and neither an object with a number for each word nor a list of words.", LIST_OF_JSON),
        (
            '{"version": "1.0", "model": {"type": "WordLevel"}}',
            "is a tokenizer, and no vocabulary.",
            "Commands take it as --tokenizer.",
        ),
    ],
)
def test_json_that_is_no_vocabulary_is_refused(
    lmkit_run: Run, tmp_path: Path, data: str, problem: str, remedy: str
) -> None:
    text, words = text_file(tmp_path, TEXT), text_file(tmp_path, data, "vocab.json")
    result = lmkit_run("ngram", "train", "-n", 1, "--vocabulary", words, text)
    assert (result.code, result.out, result.err) == (1, "", f"lmkit: {words} {problem}\n{remedy}\n")


def test_words_may_be_made_of_the_characters_of_json(tmp_path: Path) -> None:
    words = ["{", '"', ":", "[", '{"', "]", ",", '["a']
    path = text_file(tmp_path, "".join(f"{word}\n" for word in words))
    assert lmkit.read_word_list(path).words == words
    assert lmkit.read_word_list(text_file(tmp_path, '["\n"\n')).words == ['["', '"']


def test_a_list_whose_line_ends_are_cr_is_told(tmp_path: Path) -> None:
    path = text_file(tmp_path, "le\rchat\r")
    with pytest.raises(lmkit.DataError) as refused:
        lmkit.read_word_list(path)
    assert str(refused.value) == f"{path}:1: the line ends are CR, not newlines.\nConvert them with tr '\\r' '\\n'."


def test_the_words_of_a_model_are_listed_as_it_numbers_them(lmkit_run: Run, toy_counts: Path, tmp_path: Path) -> None:
    """The toy text: le chat boit le lait …; ids by first occurrence, marks before them."""
    arpa = tmp_path / "model.arpa"
    model = lmkit.witten_bell(lmkit.load(toy_counts))
    lmkit.save(model, arpa)
    words = model.vocabulary.words[3:]
    assert words[0] == b"le"
    listed = lmkit_run("vocabulary", "list", arpa)
    assert listed.raw == b"".join(word + b"\n" for word in words)
    assert listed.err == f"lmkit: {len(words)} words\n"
    assert lmkit_run("vocabulary", "list", arpa, "--marks").raw == b"</s>\n<s>\n<unk>\n" + listed.raw
    assert lmkit_run("vocabulary", "list", arpa, "--json").out.startswith('{"word": "le"}\n')
    lmkit_run("vocabulary", "list", arpa, "-o", tmp_path / "unigrams.txt")
    assert (tmp_path / "unigrams.txt").read_bytes() == listed.raw
    assert run_line(f"lmkit vocabulary list -q < {arpa}").stdout == listed.raw


def test_the_words_of_counts_are_listed_with_their_counts(lmkit_run: Run, toy_counts: Path) -> None:
    counts = lmkit.load(toy_counts)
    listed = lmkit_run("vocabulary", "list", toy_counts).out.splitlines()
    assert listed == [f"{word.decode()}\t{counts[word.decode()]}" for word in counts.vocabulary.words[3:]]
    assert (
        lmkit_run("vocabulary", "list", toy_counts, "--min-count", 2, "-q").out
        == "le\t3\nboit\t2\nchat\t2\ndu\t2\nlait\t2\n"
    )
    text = lmkit_run("vocabulary", "list", TOY, "--top", 3)
    of_counts = lmkit_run("vocabulary", "list", toy_counts, "--top", 3)
    assert (of_counts.out, of_counts.err) == (text.out, text.err)


def test_a_list_of_a_model_limits_others_to_its_words(lmkit_run: Run, toy_counts: Path, tmp_path: Path) -> None:
    lmkit_run("vocabulary", "list", toy_counts, "-o", tmp_path / "words.csv")
    result = lmkit_run("count", TOY, "--vocabulary", tmp_path / "words.csv")
    assert result.raw == lmkit_run("count", TOY).raw


def test_the_list_flows_through_a_pipe() -> None:
    result = run_line("lmkit vocabulary list -q --top 2 corpora/toy.tok | lmkit count --vocabulary - corpora/toy.tok")
    assert (result.returncode, result.stdout) == (0, b"<unk>\t12\nle\t3\nboit\t2\n")


ERRORS: list[tuple[tuple[object, ...], int, str]] = [
    (
        ("list", TOY, "--min-count", 2, "--top", 2),
        2,
        "--min-count and --top were both given.\nEither of them limits the list: leave one out.",
    ),
    (("list", TOY, "--marks"), 2, "--marks lists the marks of a model, and FILE is a text.\nLeave it out."),
    (
        ("list", CASES / "base.arpa", "--top", 2),
        2,
        "--min-count and --top go by counts, and a model of probabilities holds none.\nGive counts, or a text.",
    ),
    (
        ("list", CASES / "zero.arpa"),
        1,
        f"{CASES / 'zero.arpa'}: it has no n-grams: no sentence can end, and every text has probability 0.\nFetch or write it again.\nlmkit: the model knows no word.",
    ),
    (("list", TOY, "--json", "-o", "x.txt"), 2, "--json: -o writes everything to a file, and no list.\nLeave one or the other out."),
    (("list", TOY, "--min-count", 4), 1, "no word is seen 4 times or more.\nUse a lower --min-count."),
    (("list", TOY, "-o", ""), 2, "the name after -o is empty."),
    (
        ("list", TOY, "-o", "/missing/words.txt"),
        1,
        "cannot write /missing/words.txt: there is no folder /missing.\nMake it first.",
    ),
    (
        ("growth", TOY, "--data", "/missing/points"),
        1,
        "cannot write /missing/points: there is no folder /missing.\nMake it first.",
    ),
    (
        ("compare", "-", "-"),
        2,
        "A and B would both be read from standard input.\nName a file for one of them.",
    ),
    (("compare", "missing", TOY), 1, "cannot read missing: No such file or directory.\nCheck the name of the file and its permissions."),
    (("growth", TOY, "--fit-from", 18), 2, "the fit was to be from 18 to 17 tokens, which is no range; the text has 17."),
    (("frequencies", TOY, "--fit-from", 5, "--fit-to", 4), 2, "the fit was to be from rank 5 to 4, which is no range; the text has 11 words."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_what_makes_no_sense_is_refused(lmkit_run: Run, arguments: tuple[object, ...], code: int, message: str) -> None:
    result = lmkit_run("vocabulary", *arguments)
    assert (result.code, result.out, result.err) == (code, "", f"lmkit: {message}\n")


@pytest.mark.parametrize("command", ["list", "growth", "frequencies", "compare"])
def test_texts_without_words_are_an_error(lmkit_run: Run, tmp_path: Path, command: str) -> None:
    other = (TOY,) if command == "compare" else ()
    empty = lmkit_run("vocabulary", command, text_file(tmp_path, ""), *other)
    assert (empty.code, empty.out) == (1, "")
    assert empty.err.startswith(f"lmkit: {tmp_path}/text.txt: there is no ")
    blank = lmkit_run("vocabulary", command, text_file(tmp_path, "\n\n"), *other, "--blank-lines", "sentence")
    assert (blank.code, blank.out) == (1, "")
    assert blank.err == (
        f"lmkit: {tmp_path}/text.txt: there is no word in the text.\nIt is empty, or has only blank lines.\n"
    )


@pytest.mark.parametrize("command", ["list", "growth", "frequencies", "compare"])
def test_help_shows_an_example_and_the_cost_in_memory(lmkit_run: Run, command: str) -> None:
    out = lmkit_run("vocabulary", command, "--help").out
    assert f"\n  lmkit vocabulary {command}" in out
    assert "Memory: " in out


def test_a_limited_list_counts_the_others_as_unknown() -> None:
    listed = lmkit.word_list(TOY).limited(cutoff=2, size=2)
    assert listed.counts is not None
    assert (listed.words, listed.counts[2:].tolist(), listed.tokens) == (["le", "boit"], [12, 3, 2], 17)
    with pytest.raises(lmkit.UsageError, match=r"^a cutoff was given for words without counts\.$"):
        lmkit.words_of_model(lmkit.laplace(lmkit.count_ngrams(TOY, 1))).limited(cutoff=2)


def test_the_python_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CORPORA, tmp_path / "corpora")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "topics" / "vocabulary.md").read_text(encoding="utf-8"), re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (what readers are told to run)
    assert names["words"].words[:3] == ["the", ".", "in"]
    assert names["found"].oov_tokens == 19
    assert lmkit.compare_vocabularies(lmkit.words_of_model(names["counts"]), names["words"]).types_only_in_b == 455
