"""Reading and writing ARPA files."""

import gzip
import io
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.arpa.reading import read_arpa
from lmkit.errors import DataError
from lmkit.ngrams.trie.orders import words_of
from lmkit.ngrams.values.protocol import Precision
from tests.conftest import TOY, text_file

SMALL = """\
\\data\\
ngram 1=4
ngram 2=2

\\1-grams:
-99\t<s>\t-0.30103
-0.60206\t</s>
-0.30103\tun mot\t-0.2
-0.90309\tb\t0

\\2-grams:
-0.1\t<s> a
-0.2\ta </s>

\\end\\
""".replace("un mot", "a")


def read(text: str) -> lmkit.NgramModel:
    """The model of an ARPA text."""
    return read_arpa(io.BytesIO(text.encode()), precision="double")


def test_a_small_file_has_its_probabilities_and_backoffs() -> None:
    model = read(SMALL)
    assert model.ngrams() == {1: 5, 2: 2}  # <unk> has a place, though the file has none
    assert model.closed
    assert lmkit.probability(model, "a", "<s>") == pytest.approx(10**-0.1)
    assert lmkit.probability(model, "b", "<s>") == pytest.approx(10 ** (-0.90309 - 0.30103))
    assert lmkit.probability(model, "b", "a") == pytest.approx(10 ** (-0.90309 - 0.2))
    assert lmkit.probability(model, "zzz", "a") == 0


@pytest.mark.parametrize("block_bytes", [1, 7, 40])
def test_block_size_changes_nothing(block_bytes: int) -> None:
    ours = read_arpa(io.BytesIO(SMALL.encode()), block_bytes=block_bytes, precision="double")
    for one, other in zip(ours.log10_probs, read(SMALL).log10_probs, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("\t", " "),
        SMALL.replace("\t", "  ").replace("\n", " \n"),
        SMALL.replace("\n", "\r\n"),
        "a preamble of another tool\n\n" + SMALL,
        SMALL.rstrip("\n"),
        SMALL + "\nwhat follows is not read \\ \n",
        SMALL.replace("-0.30103\ta\t-0.2", "\n-3.0103e-1\ta\t-2E-1"),
    ],
)
def test_the_freedoms_of_other_tools_are_accepted(text: str) -> None:
    for one, other in zip(read(text).log10_probs, read(SMALL).log10_probs, strict=True):
        assert one == pytest.approx(other)


def test_lines_may_come_in_any_order() -> None:
    lines = ["-0.1\t<s> a", "-0.2\ta </s>", "-0.3\ta b", "-0.4\tb a"]
    texts = [
        SMALL.replace("ngram 2=2", "ngram 2=4").replace("-0.1\t<s> a\n-0.2\ta </s>", "\n".join(order))
        for order in itertools.permutations(lines)
    ]
    first = read(texts[0])
    for other in map(read, texts[1:]):
        assert np.array_equal(other.orders[1].indptr, first.orders[1].indptr)
        assert np.array_equal(other.orders[1].indices, first.orders[1].indices)
        assert np.array_equal(other.log10_probs[1], first.log10_probs[1])


def test_words_longer_than_those_that_are_looked_up_are_words_like_others() -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitän"
    model = read(SMALL.replace("\tb", f"\t{long}").replace("a </s>", f"a {long}"))
    assert lmkit.probability(model, long, "a") == pytest.approx(10**-0.2)


def test_words_may_look_like_numbers_or_markup() -> None:
    text = SMALL.replace("\ta", "\t-0.5").replace("<s> a", "<s> -0.5").replace("\tb", "\t\\[b]")
    model = read(text)
    assert lmkit.probability(model, "-0.5", "<s>") == pytest.approx(10**-0.1)
    assert lmkit.probability(model, "\\[b]") == pytest.approx(10**-0.90309)


def test_an_upper_case_unknown_word_is_the_unknown_word() -> None:
    model = read(SMALL.replace("\tb", "\t<UNK>"))
    assert lmkit.probability(model, "zzz") == pytest.approx(10**-0.90309)
    assert not model.closed


def test_minus_99_is_a_probability_of_zero_and_bos_is_never_predicted() -> None:
    model = read(SMALL.replace("-0.90309\tb", "-99\tb").replace("-99\t<s>", "0\t<s>"))
    assert lmkit.probability(model, "b") == 0
    assert lmkit.probability(model, "<s>") == 0
    assert lmkit.perplexity(model, io.BytesIO(b"b\n")).zero_probability_tokens == 1


def test_an_upper_case_unknown_word_counts_in_all_orders_unless_the_file_has_another() -> None:
    text = SMALL.replace("\tb", "\t<UNK>").replace("<s> a", "<s> <UNK>")
    assert lmkit.probability(read(text), "zzz", "<s>") == pytest.approx(10**-0.1)
    both = text.replace("ngram 1=4", "ngram 1=5").replace("-99\t<s>", "-0.7\t<unk>\n-99\t<s>")
    assert lmkit.probability(read(both), "zzz") == pytest.approx(10**-0.7)
    assert lmkit.probability(read(both), "<UNK>") == pytest.approx(10**-0.90309)


def test_lmkits_own_files_may_hold_an_upper_case_unknown_word(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(text_file(tmp_path, "a <UNK> b\n"), 2)
    for closed in (False, True):
        model = lmkit.laplace(counts, closed=closed)
        again = read(written(model, tmp_path))
        assert lmkit.probability(again, "<UNK>", "a") == pytest.approx(lmkit.probability(model, "<UNK>", "a"))
        assert again.vocabulary.same_as(model.vocabulary)


def test_a_model_with_unknown_words_in_its_ngrams_lists_them_among_the_unigrams(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(text_file(tmp_path, "a b a\na c b\n"), 2, cutoff=2)
    text = written(counts, tmp_path)
    assert "\n-99\t<unk>\t" in text
    assert lmkit.probability(read(text), "zzz", "a") == pytest.approx(1 / 3)  # a b, a c, a </s>; b and c are <unk>
    assert not read(text).closed


@pytest.mark.parametrize(
    "comment", ["{", "5", '{"settings": {"stopwords": 1}, "details": {}, "parameters": {}}', "[" * 5000]
)
def test_a_comment_of_a_newer_or_damaged_lmkit_is_an_error(comment: str) -> None:
    text = f"# lmkit {comment}\n" + SMALL
    if comment.startswith("{"):
        with pytest.raises(DataError, match=":1: the line that begins with '# lmkit' is damaged, or of a newer lmkit"):
            read(text)
    else:
        assert read(text).details["smoothing"] == "arpa"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("\\end\\\n", ""), "there is no \\end\\ line: the file is cut short"),
        (("ngram 2=2", "ngram 2=3"), ":3: 3 2-grams are announced, and there are 2"),
        (("ngram 1=4", "ngram 1 4"), ":2: expected 'ngram 1=…', found 'ngram 1 4'"),
        (("<s> a", "<s> c"), ":12: the 2-gram '<s> c' has the word 'c', which is not among the 1-grams"),
        (
            ("-0.2\ta </s>", "-0.1\t<s> a"),
            ":13: the 2-gram '<s> a' stands in the file twice: with the same values in line 12",
        ),
        (
            ("-0.1\t<s> a", "-0.1\ta"),
            ":12: expected a log10 probability, 2 words and perhaps a log10 backoff, found 2 columns",
        ),
        (
            ("-0.1\t<s> a", "-0.1\ta a a a"),
            ":12: expected a log10 probability, 2 words and perhaps a log10 backoff, found 5 columns",
        ),
        (("-0.1\t<s> a", "0.5\t<s> a"), ":12: the log10 probability 0.5 of the 2-gram '<s> a' is above 0"),
        (("-0.1\t<s> a", "nan\t<s> a"), ":12: 'nan' is not a number"),
        (("a\t-0.2", "a\tinf"), ":8: the log10 backoff inf of the 1-gram 'a' is no weight"),
        (("ngram 2=2", "ngram 2=" + "9" * 5000), ":3: expected 'ngram 2=…'"),
        (("-0.1\t<s> a", "eins\t<s> a"), ":12: 'eins' is not a number"),
        (("-0.2\ta </s>", "-1_0\ta </s>"), ":13: '-1_0' is not a number"),
        (("\\2-grams:", "\\3-grams:"), ":11: \\3-grams: is not announced in \\data\\"),
        (("\\data\\", "\\daten\\"), ":5: there is no \\data\\ line before \\1-grams:"),
        (("\n\\2-grams:\n-0.1\t<s> a\n-0.2\ta </s>\n", ""), ":3: 2-grams are announced, and there is no \\2-grams:"),
    ],
)
def test_damaged_files_are_errors_that_name_the_line(change: tuple[str, str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(SMALL.replace(*change))
    assert message in str(caught.value)


def test_a_history_that_is_missing_one_order_down_is_an_error() -> None:
    text = SMALL.replace("ngram 2=2", "ngram 2=2\nngram 3=1").replace(
        "\\end\\", "\\3-grams:\n-0.3\tb a </s>\n\n\\end\\"
    )
    with pytest.raises(DataError, match="the 3-gram 'b a </s>' begins with 'b a', which is not among the 2-grams"):
        read(text)


def written(model: lmkit.NgramModel | lmkit.NgramCounts, folder: Path) -> str:
    """The ARPA text of a model."""
    lmkit.save(model, folder / "x.arpa")
    return (folder / "x.arpa").read_text(encoding="utf-8")


def test_what_is_written_is_what_readers_expect(tmp_path: Path) -> None:
    model = lmkit.laplace(lmkit.count_ngrams(text_file(tmp_path, "a b\n"), 2))
    # V = 4 events: a b </s> <unk>. After a history seen once: (1+1)/(1+4) = 2/5; backoff 4/5 to 1/4.
    expected = "\n".join(  # noqa: FLY002 (one item a line of the file)
        [
            "\\data\\", "ngram 1=5", "ngram 2=3", "", "\\1-grams:",
            "-0.60206\t</s>\t0", "-99\t<s>\t-0.096910015", "-0.60206\t<unk>\t0", "-0.60206\ta\t-0.096910015",
            "-0.60206\tb\t-0.096910015", "", "\\2-grams:",
            "-0.39794\t<s> a", "-0.39794\ta b", "-0.39794\tb </s>", "", "\\end\\", "",
        ]
    )  # fmt: skip
    comment, text = written(model, tmp_path).split("\n\n", 1)
    assert comment.startswith("# lmkit {")
    assert text == expected


@pytest.mark.parametrize("precision", ["single", "double"])
def test_values_are_written_in_the_shortest_decimals_that_give_them_back(precision: Precision, tmp_path: Path) -> None:
    # Powers of 2, very small and very large ones, 0, positive backoffs: what is written by whole arrays, and what is not.
    probs = ["-99", "-0.25", "-0.30103", "-12.345678", "-0.0012345678", "-1.5e-7", "0", "-8", "-9.999999", "-3.1"]
    backoffs = ["0", "0.5", "-99", "-1.5", "-0.30103", "1e-8", "-0.125", "-20", "2", "0"]
    columns = zip(probs, ["</s>", "<unk>", *"abcdefgh"], backoffs, strict=True)
    lines = [f"{prob}\t{word}\t{backoff}" for prob, word, backoff in columns]
    listed = SMALL[SMALL.index("-0.60206") : SMALL.index("\n\n\\2")]
    text = SMALL.replace("ngram 1=4", "ngram 1=11").replace(listed, "\n".join(lines))
    again = written(read_arpa(io.BytesIO(text.encode()), precision=precision), tmp_path)
    assert sorted(lines) == [line for line in sorted(again.splitlines()) if line.count("\t") == 2 and "<s>" not in line]


@pytest.mark.parametrize("gathered", [1, 3, 1 << 16])
def test_each_line_is_an_ngram_with_its_values(gathered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmkit.arpa.writing.GATHERED", gathered)
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 4), discount_fallback="fixed")
    words = model.vocabulary.arrow_words().to_pylist()
    sections = written(model, tmp_path).split("-grams:\n")[1:]
    for k, section in enumerate(sections, start=1):
        order, lines = model.orders[k - 1], section.split("\n\n")[0].splitlines()
        assert len(lines) == len(order)
        ids = words_of(model.orders, k, np.arange(len(order)))
        for entry, line in enumerate(lines):
            log10_prob, ngram, *backoff = line.split("\t")
            assert ngram.encode().split(b" ") == [words[column[entry]] for column in ids]
            assert np.float32(log10_prob) == max(model.log10_probs[k - 1][entry], -99)
            assert [np.float32(value) for value in backoff] == [
                values[entry] for values in model.log10_backoffs[k - 1 : k]
            ]


def test_a_closed_model_has_no_unknown_word_in_its_file(tmp_path: Path) -> None:
    text = written(lmkit.kneser_ney(lmkit.count_ngrams(TOY, 2), discount_fallback="fixed", closed=True), tmp_path)
    assert "<unk>" not in text.split("\\data\\")[1]
    assert "ngram 1=13\n" in text


def test_no_probability_is_above_one_and_bos_has_minus_99(tmp_path: Path) -> None:
    text = written(lmkit.count_ngrams(TOY, 3), tmp_path)
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line]
    assert all(float(row[0]) <= 0 for row in rows)
    assert [row[0] for row in rows if row[1] == "<s>"] == ["-99"]
    assert math.isclose(max(float(row[0]) for row in rows), 0)


def test_compressed_files_have_no_time_stamp(tmp_path: Path) -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 2))
    lmkit.save(model, tmp_path / "x.arpa.gz")
    assert gzip.decompress((tmp_path / "x.arpa.gz").read_bytes()).decode() == written(model, tmp_path)
    assert (tmp_path / "x.arpa.gz").read_bytes()[4:8] == b"\0\0\0\0"
