"""lmkit vocabulary compare: what two vocabularies share, and how much of one is unknown to the other."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

import lmkit
from tests.conftest import TOY, Run, held_out_text, shell, text_file, train_text
from tests.shell_lines import run_line
from tests.statistics.test_word_lists import code_points, sentences, stream

A, B = "a a b\n", "a c c B\nc d\n"  # A knows one of the four words of B, and one of its six running words
AS_IT_IS = lmkit.TextSettings(normalize="none")


def test_comparison_of_two_texts_derived_by_hand(lmkit_run: Run, tmp_path: Path) -> None:
    a, b = text_file(tmp_path, A, "a"), text_file(tmp_path, B, "b")
    result = lmkit_run("vocabulary", "compare", a, b, "--top", 2, "--json", "-o", tmp_path / "oov")
    figures = json.loads(result.out)
    signature = lmkit.word_list(a).signature
    assert signature.startswith("source:text|sentences:line|unit:word|tokenizer:whitespace|lowercase:no|")
    assert figures == {
        "a": {"kind": "text", "types": 2, "tokens": 3, "signature": signature},
        "b": {"kind": "text", "types": 4, "tokens": 6, "signature": signature},
        "shared_types": 1,
        "types_only_in_a": 1,
        "types_only_in_b": 3,
        "coverage_of_types": 0.25,
        "oov_rate_of_types": 0.75,
        "oov_tokens": 5,
        "coverage_of_tokens": pytest.approx(1 / 6, rel=1e-12),
        "oov_rate_of_tokens": pytest.approx(5 / 6, rel=1e-12),
        "oov_types_known_in_lower_case": 1,
        "most_frequent_oov": [{"word": "c", "count": 3}, {"word": "B", "count": 1}],
        "differences": [],
    }
    assert (tmp_path / "oov").read_text() == "c\t3\nB\t1\nd\t1\n"
    assert lmkit_run("vocabulary", "compare", a, b, "-o", "-").out == "c\t3\nB\t1\nd\t1\n"
    assert result.err == (
        "lmkit: A has no capital letters, and 1 of the OOV words of B are in it in lower case: --lowercase may be missing\n"
    )
    lowered = lmkit_run("vocabulary", "compare", a, b, "--lowercase")
    assert lowered.err == ""
    assert "oov_tokens\t4\n" in lowered.out
    assert lowered.out.endswith("most_frequent_oov.1\tc 3\nmost_frequent_oov.2\td 1\n")


@given(sentences, sentences)
def test_comparison_equals_counting_with_dictionaries(a: list[str], b: list[str]) -> None:
    known, words = set(" ".join(a).split(" ")), Counter(" ".join(b).split(" "))
    found = lmkit.compare_vocabularies(
        lmkit.word_list(stream(a), settings=AS_IT_IS), lmkit.word_list(stream(b), settings=AS_IT_IS)
    )
    missing = {word: count for word, count in words.items() if word not in known}
    assert (found.shared_types, found.types_only_in_a) == (len(known & set(words)), len(known - set(words)))
    assert (found.types_only_in_b, found.oov_tokens) == (len(missing), sum(missing.values()))
    assert found.oov.words == [word for word, _ in sorted(missing.items(), key=code_points)]


def test_oov_tokens_are_those_of_perplexity(lmkit_run: Run, tmp_path: Path) -> None:
    for name in ("m.safetensors", "m.arpa", "m.arpa.gz"):
        model = tmp_path / name
        lmkit.save(lmkit.laplace(lmkit.count_ngrams(train_text("fr"), 2, cutoff=2)), model)
        figures = json.loads(lmkit_run("vocabulary", "compare", model, held_out_text("fr"), "--json").out)
        assert (figures["a"]["kind"], figures["a"]["tokens"]) == ("model", None)
        assert figures["oov_tokens"] == lmkit.perplexity(lmkit.load_model(model), held_out_text("fr")).oov


def test_what_a_file_holds_is_found_out_or_told(lmkit_run: Run, tmp_path: Path) -> None:
    """A list with counts is recognised; one without is a text in which each word stands once; a lexicon must be named."""
    b = text_file(tmp_path, B, "b")
    for text, options, kind, tokens in (
        ("a\t2\r\nb\t1\n", (), "words", 3),
        ("a\nb\n", (), "text", 2),
        ("a\nb\n", ("--a", "words"), "words", None),
        ("a\tɑ e\nb\tb e\n", ("--a", "words"), "words", None),
        ("a\t2\nb\n", (), "words", None),
        ("a\t2\n\nb\t9999999999999999\n", (), "words", None),  # no count: too long
    ):
        result = lmkit_run("vocabulary", "compare", text_file(tmp_path, text, "a"), b, *options, "--json")
        figures = json.loads(result.out)
        assert (figures["a"]["kind"], figures["a"]["types"], figures["a"]["tokens"]) == (kind, 2, tokens), text
        assert figures["types_only_in_b"] == 3


def test_figures_about_running_words_are_unknown_without_counts(lmkit_run: Run, tmp_path: Path) -> None:
    a, b = text_file(tmp_path, A, "a"), text_file(tmp_path, "z\nb\ny\n", "b")
    line = ("vocabulary", "compare", a, b, "--b", "words")
    figures = json.loads(lmkit_run(*line, "--json", "-o", tmp_path / "oov").out)
    assert (figures["oov_tokens"], figures["coverage_of_tokens"], figures["oov_rate_of_tokens"]) == (None, None, None)
    assert figures["most_frequent_oov"] == [{"word": "y", "count": None}, {"word": "z", "count": None}]
    assert "oov_tokens\tnan\n" in lmkit_run(*line).out
    assert (tmp_path / "oov").read_text() == "y\nz\n"


def test_the_same_through_pipes(tmp_path: Path) -> None:
    whole = run_line("lmkit vocabulary compare corpora/fr.train.tok corpora/fr.test.tok")
    piped = shell("cat corpora/fr.test.tok | lmkit vocabulary compare <(gzip -c corpora/fr.train.tok) -")
    assert (whole.returncode, piped.returncode) == (0, 0), piped.stderr.decode()
    assert piped.stdout == whole.stdout
    listed = run_line(
        f"lmkit vocabulary list -q corpora/fr.test.tok > {tmp_path}/words && "
        f"lmkit ngram train -q -n 1 corpora/fr.train.tok | lmkit vocabulary compare - {tmp_path}/words --top 0"
    )
    figures = dict(line.split("\t") for line in listed.stdout.decode().splitlines())
    assert (figures["a.kind"], figures["b.kind"]) == ("model", "words")
    expected = dict(line.split("\t") for line in whole.stdout.decode().splitlines())
    assert figures["oov_rate_of_tokens"] == expected["oov_rate_of_tokens"]


def test_running_words_of_no_known_type_are_unknown(lmkit_run: Run, tmp_path: Path) -> None:
    """Of B, the counts of c and its 3 running words are kept, the 3 others were cut off; A has no c."""
    lmkit.save(lmkit.count_ngrams(text_file(tmp_path, B, "b"), 1, cutoff=2), tmp_path / "counts")
    a = text_file(tmp_path, A, "a")
    figures = json.loads(lmkit_run("vocabulary", "compare", a, tmp_path / "counts", "--json").out)
    assert (figures["b"]["types"], figures["b"]["tokens"], figures["oov_tokens"]) == (1, 6, 6)
    assert figures["most_frequent_oov"] == [{"word": "c", "count": 3}]


def test_a_list_with_several_words_in_a_line_is_an_error(lmkit_run: Run, tmp_path: Path) -> None:
    for text, number, line in (("a b\t3\n", 1, "a b"), ("a\t3\nb c\t3\n", 2, "b c")):
        result = lmkit_run("vocabulary", "compare", text_file(tmp_path, text), TOY)
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"lmkit: {tmp_path}/text.txt:{number}: a vocabulary has one word a line, here are several: {line!r}.\n"
            "Put each word on its own line; columns after a TAB are ignored.\n"
        )
    empty = lmkit_run("vocabulary", "compare", text_file(tmp_path, "\n"), TOY, "--a", "words")
    assert (empty.code, empty.err) == (1, f"lmkit: {tmp_path}/text.txt: the vocabulary file holds no word.\n")


def test_vocabularies_made_differently_cannot_be_compared(lmkit_run: Run, tmp_path: Path) -> None:
    for name, shaping in (
        ("words", lmkit.TextSettings()),
        ("letters", lmkit.TextSettings(unit="character", lowercase=True)),
    ):
        lmkit.save(lmkit.count_ngrams(TOY, 1, settings=shaping), tmp_path / name)
    result = lmkit_run("vocabulary", "compare", tmp_path / "words", tmp_path / "letters", "--json")
    difference = ["unit: word in A, character in B", "lowercase: no in A, yes in B"]
    assert json.loads(result.out)["differences"] == difference
    assert result.err == (
        f"lmkit: A and B cannot be compared: their words were made differently ({'; '.join(difference)})\n"
    )
    assert (
        "difference.1\tunit: word in A, character in B\n"
        in lmkit_run("vocabulary", "compare", tmp_path / "words", tmp_path / "letters", "-q").out
    )


def test_texts_are_read_as_the_model_was_made(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit.save(lmkit.count_ngrams(TOY, 1, settings=lmkit.TextSettings(lowercase=True)), tmp_path / "m")
    text = text_file(tmp_path, "LE CHAT DORT\n")
    for line in ((tmp_path / "m", text), (text, tmp_path / "m")):
        figures = json.loads(lmkit_run("vocabulary", "compare", *line, "--json").out)
        assert figures["shared_types"] == 2
    refused = lmkit_run("vocabulary", "compare", tmp_path / "m", text, "--no-lowercase")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("lmkit: lowercase is no here, but the model was made with lowercase yes.")
