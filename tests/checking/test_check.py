"""Checking ARPA files: each kind of damage is told with its line, and all of it at once."""

import gzip
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.arpa.grammar import read_lenient
from lmkit.errors import DataError, UsageError
from lmkit.problems import LEVELS, LISTED, Problems
from tests.conftest import CORPORA, LANGUAGES, REFERENCE, ROOT, TOY, Result, text_file, train_text
from tests.damaged import GOOD, changed
from tests.shell_lines import run_line

Run = Callable[..., Result]
WHITE_SPACE = "a TAB belongs after the probability and before the backoff, and one space between words"
FIRST = "1, the first of which is"


def check(text: str | bytes, **options: object) -> lmkit.CheckReport:
    """The report on an ARPA text, sums after all histories included."""
    data = text if isinstance(text, bytes) else text.encode()
    return lmkit.check_model(io.BytesIO(data), **({"samples": None} | options))  # type: ignore[arg-type]


def rows(report: lmkit.CheckReport) -> list[str]:
    """The problems, a line each."""
    return [f"{found.level} {found.line} {found.kind}: {found.message}" for found in report.problems]


def test_a_good_file_has_no_problems() -> None:
    report = check(GOOD)
    assert rows(report) == []
    assert report.ok
    assert (report.format, report.order, report.ngrams) == ("arpa", 3, {1: 5, 2: 4, 3: 2})
    assert report.histories == 6  # the empty one, <s>, a, b, <s> a, a b
    assert report.largest_deviation is not None
    assert report.largest_deviation < 2e-7  # six or seven decimals


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("ngram 2=4", "ngram 2=7"), ["error 3 header-count: 7 2-grams are announced, and there are 4"]),
        (
            ("ngram 2=4", "ngram 2 4"),
            [
                "error 3 header: expected 'ngram 2=…', found 'ngram 2 4'",
                "error 4 header: expected 'ngram 2=…', found 'ngram 3=2'",
                "error 13 section: \\2-grams: is not announced in \\data\\",
            ],
        ),
        (
            ("ngram 3=2", "ngram 5=2"),
            [
                "error 4 header: expected 'ngram 3=…', found 'ngram 5=2'",
                "error 4 section: 5-grams are announced, and there is no \\5-grams:",
                "error 19 section: \\3-grams: is not announced in \\data\\",
            ],
        ),
        (("ngram 1=5", "ngram 1=\t5"), ["warning 2 white-space: odd white space in 'ngram 1=\\t5'"]),
        (
            ("ngram 2=4", "\nngram 2=4"),
            ["warning 4 layout: a blank line stands before a number of n-grams; KenLM refuses that"],
        ),
        (
            ("ngram 3=2\n\n", "ngram 3=2\n"),
            [
                "warning 5 layout: no blank line stands between the numbers of n-grams and \\1-grams:; KenLM refuses that"
            ],
        ),
        (
            ("\\data\\\n", ""),
            [
                "error 5 section: there is no \\data\\ line before \\1-grams:",
                "warning 1 preamble: 3 lines of text before \\data\\ that is no comment with #; KenLM refuses that",
            ],
        ),
        (("\\data\\", "\\data\\\n\\data\\"), ["error 2 section: \\data\\ stands in the file twice"]),
        (
            ("\\3-grams:", "\\data\\\n\n\\3-grams:"),
            ["error 19 section: \\data\\ stands in the file twice"],
        ),
        (("\\end\\\n", ""), ["error None section: there is no \\end\\ line: the file is cut short"]),
        (
            ("\\end\\\n", "\\end\\\nmore\n\n\\and more\\\n"),
            ["warning 24 after-end: 2 lines of text after \\end\\, which is not read; KenLM refuses that"],
        ),
        (
            ("\\data\\", "head\n# comment\n\\foot\n\\data\\"),
            ["warning 1 preamble: 2 lines of text before \\data\\ that is no comment with #; KenLM refuses that"],
        ),
        (("\\2-grams:", "\\2-Grams"), ["error 13 section: '\\2-Grams' stands where \\2-grams: belongs"]),
        (("\\2-grams:", " \\2-grams:"), ["error 13 section: white space stands before \\2-grams:"]),
        (
            ("\\3-grams:", "\\2-grams:"),
            [
                "error 4 section: 3-grams are announced, and there is no \\3-grams:",
                "error 19 section: \\2-grams: stands in the file twice, first in line 13: the second one is not read",
                "warning 14 highest-backoff: the 2-gram '<s> a' has a backoff, and there are no 3-grams; KenLM refuses that",
                "warning 15 highest-backoff: the 2-gram 'a b' has a backoff, and there are no 3-grams; KenLM refuses that",
            ],
        ),
        (("\\3-grams:", "\\0-grams:\n\n\\3-grams:"), ["error 19 section: \\0-grams: is not read"]),
        (
            ("\n\\end", "\n\\foo\n\\end"),
            ["error 23 section: '\\foo' is no section: these are \\data\\, \\1-grams: and so on, and \\end\\"],
        ),
        (("\nngram 3=2", ""), ["error 18 section: \\3-grams: is not announced in \\data\\"]),
        (
            ("a </s>\n", "a </s> x y\n"),
            [
                "error 16 columns: expected a log10 probability, 2 words and perhaps a log10 backoff, found 5 columns",
            ],
        ),
        (
            ("-0.60206\ta </s>\n", "a </s>\n"),
            [
                "error 16 columns: expected a log10 probability, 2 words and perhaps a log10 backoff, found 2 columns",
            ],
        ),
        (("a </s>", "a  </s>"), [f"warning 16 white-space: odd white space in '-0.60206\\ta  </s>': {WHITE_SPACE}"]),
        (("6\ta <", "6 a <"), [f"warning 16 white-space: odd white space in '-0.60206 a </s>': {WHITE_SPACE}"]),
        (("6\ta <", "6\t\ta <"), [f"warning 16 white-space: odd white space in '-0.60206\\t\\ta </s>': {WHITE_SPACE}"]),
        (
            ("a </s>\n", "a </s> \n"),
            [f"warning 16 white-space: odd white space in '-0.60206\\ta </s> ': {WHITE_SPACE}"],
        ),
        (("a b\t", "a b "), [f"warning 15 white-space: odd white space in '-0.30103\\ta b -0.30103': {WHITE_SPACE}"]),
        (("a </s>\n", "a </s>\r\n"), ["note 16 line-ends: 1 line ends with CR LF"]),
        (
            ("-0.60206\ta", "-0,60206\ta"),
            ["error 16 number: '-0,60206' is not a number: decimals stand after a point, not after a comma"],
        ),
        (("-0.60206\ta", "half\ta"), ["error 16 number: 'half' is not a number"]),
        (("-0.60206\ta", "nan\ta"), ["error 16 number: 'nan' is not a number"]),
        (("a b\t-0.30103", "a b\t--1"), ["error 15 number: '--1' is not a number"]),
        (
            ("-0.60206\ta", "\n  \n-0.60206\ta"),
            ["warning 16 blank-line: a blank line stands among the 2-grams; KenLM refuses that"],
        ),
        (
            ("-0.60206\ta", "0.5\ta"),
            ["error 16 probability: the log10 probability 0.5 of the 2-gram 'a </s>' is above 0"],
        ),
        (
            ("-0.60206\ta", "0.000001\ta"),
            [
                "warning 16 rounding: the log10 probability 1e-06 of the 2-gram 'a </s>' is above 0 by rounding, and is taken as 0; KenLM refuses it"
            ],
        ),
        (("a b\t-0.30103", "a b\t101"), ["error 15 backoff: the log10 backoff 101 of the 2-gram 'a b' is no weight"]),
        (
            ("a b\t-0.30103", "a b\t-inf"),
            [
                "warning 15 infinite: the log10 backoff -inf of the 2-gram 'a b' is infinite: some readers refuse it, and -99 stands for it",
                f"note 15 zero-backoff: 2-grams with a log10 backoff of -99 or below, which stands for a weight of 0: {FIRST} the 2-gram 'a b'",
            ],
        ),
        (
            ("-0.60206\ta", "-99\ta"),
            [
                f"note 16 zero-probability: 2-grams with a log10 probability of -99 or below, which stands for a probability of 0: {FIRST} the 2-gram 'a </s>'"
            ],
        ),
        (
            ("a b\t-0.30103", "a b"),
            [
                f"note 15 no-backoff: 2-grams without a backoff, though 3-grams begin with them; it is taken as 1: {FIRST} the 2-gram 'a b'"
            ],
        ),
        (
            ("<s> a b", "<s> a b\t-0.5"),
            [
                "warning 20 highest-backoff: the 3-gram '<s> a b' has a backoff, and there are no 4-grams; KenLM refuses that"
            ],
        ),
        (
            ("<s> a b", "<s> a b\t0"),
            [
                f"note 20 highest-backoff: 3-grams with a log10 backoff of 0, which is not used, because there are no 4-grams: {FIRST} the 3-gram '<s> a b'"
            ],
        ),
        (
            ("6\ta </s>", "6\tc </s>"),
            ["error 16 unknown-word: the 2-gram 'c </s>' has the word 'c', which is not among the 1-grams"],
        ),
        (
            ("-0.30103\tb </s>\n", ""),
            [
                "error 3 header-count: 4 2-grams are announced, and there are 3",
                "warning 20 missing-suffix: the 3-gram 'a b </s>' ends with 'b </s>', which is not among the 2-grams",
            ],
        ),
        (
            ("-0.30103\ta b\t-0.30103\n", ""),
            [
                "error 3 header-count: 4 2-grams are announced, and there are 3",
                "error 20 missing-history: the 3-gram 'a b </s>' begins with 'a b', which is not among the 2-grams",
            ],
        ),
        (
            ("-0.60206\ta </s>\n", "-0.60206\ta </s>\n" * 2),
            [
                "error 3 header-count: 4 2-grams are announced, and there are 5",
                "error 17 duplicate: the 2-gram 'a </s>' stands in the file twice: with the same values in line 16",
            ],
        ),
        (
            ("-0.60206\ta </s>\n", "-0.60206\ta </s>\n-0.5\ta </s>\n"),
            [
                "error 3 header-count: 4 2-grams are announced, and there are 5",
                "error 17 conflict: the 2-gram 'a </s>' stands in the file twice: with other values in line 16",
            ],
        ),
        (
            ("-0.90309\tb", "-0.30103\ta\t-0.39794\n-0.90309\tb"),
            [
                "error 2 header-count: 5 1-grams are announced, and there are 6",
                "error 11 duplicate: the 1-gram 'a' stands in the file twice: with the same values in line 10",
            ],
        ),
        (
            ("6\ta </s>", "6\ta <s>"),
            ["warning 16 bos-inside: the 2-gram 'a <s>' has <s> after its first place: it is never predicted"],
        ),
        (
            ("6\ta </s>", "6\t</s> a"),
            [
                "warning 16 eos-inside: the 2-gram '</s> a' goes on after </s>: it is never used",
                f"note 8 no-backoff: 1-grams without a backoff, though 2-grams begin with them; it is taken as 1: {FIRST} the 1-gram '</s>'",
            ],
        ),
        (
            ("-99\t<s>\t-0.30103\n", ""),
            [
                "error 2 header-count: 5 1-grams are announced, and there are 4",
                "error 13 unlisted-mark: 1 of the 2-grams has <s>, which is not among the 1-grams",
                "error 19 unlisted-mark: 1 of the 3-grams has <s>, which is not among the 1-grams",
                "warning None no-bos: <s> is not among the 1-grams; KenLM refuses that",
            ],
        ),
        (
            ("-0.60206\t</s>\n", ""),
            [
                "error 2 header-count: 5 1-grams are announced, and there are 4",
                "error 15 unlisted-mark: 2 of the 2-grams have </s>, which is not among the 1-grams",
                "error 20 unlisted-mark: 1 of the 3-grams has </s>, which is not among the 1-grams",
                "warning None no-eos: </s> is not among the 1-grams: the end of a sentence has no probability; KenLM refuses that",
            ],
        ),
        (
            ("-0.90309\t<unk>\n", ""),
            [
                "error 2 header-count: 5 1-grams are announced, and there are 4",
                "note None closed: <unk> is not among the 1-grams: the vocabulary is closed, and unknown words have no probability",
            ],
        ),
        (
            ("<unk>", "<UNK>"),
            ["note 9 unk-spelling: <UNK> is taken as <unk>, as KenLM does; other readers take it as a word"],
        ),
        (
            ("-0.90309\t<unk>", "-0.90309\t<unk>\n-9\t<UNK>"),
            [
                "error 2 header-count: 5 1-grams are announced, and there are 6",
                "warning 10 unk-spelling: <unk> and <UNK> are both 1-grams: <UNK> is taken as a word",
            ],
        ),
        (
            ("-99\t<s>", "0\t<s>"),
            ["note 7 bos-probability: the log10 probability of <s> is 0, as KenLM writes it; it is not used"],
        ),
        (
            ("-99\t<s>", "-1.5\t<s>"),
            [
                "warning 7 bos-probability: the log10 probability of <s> is -1.5; it is not used, because <s> is never predicted"
            ],
        ),
        (("a </s>\n", "a\x01 </s>\n"), ["error 16 encoding: control byte 0x01"]),
        (("\\data\\", "caf\x01\n\\data\\"), ["error 1 encoding: control byte 0x01"]),
        (
            (
                "\\data\\",
                '# lmkit {"details": {"precision": "half"}, "parameters": {}, "settings": null}\n\\data\\',
            ),
            [
                f"error 1 comment: the line that begins with '# lmkit' is damaged, or of a newer lmkit than {lmkit.__version__}"
            ],
        ),
        (
            ("\\data\\", "# lmkit {\n\\data\\"),
            [
                f"error 1 comment: the line that begins with '# lmkit' is damaged, or of a newer lmkit than {lmkit.__version__}"
            ],
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_each_damage_is_told_with_its_line(change: tuple[str, str], expected: list[str]) -> None:
    text = changed(change)
    report = check(text, tolerance=9)  # what it does to sums is another matter
    assert rows(report) == expected
    assert report.ok == all(not row.startswith("error") for row in expected)
    if report.ok:
        assert lmkit.load_model(io.BytesIO(text.encode())).order == 3
    else:
        with pytest.raises((DataError, UsageError)):
            lmkit.load_model(io.BytesIO(text.encode()))


def test_invalid_utf8_is_told_with_its_line_and_the_rest_is_read() -> None:
    report = check(GOOD.encode().replace(b"a </s>\n", b"caf\xe9 </s>\n", 1), tolerance=9)
    assert rows(report) == ["error 16 encoding: invalid UTF-8 (byte 0xe9)"]
    assert report.ngrams == {1: 5, 2: 3, 3: 2}


def test_all_problems_are_told_and_not_only_the_first() -> None:
    text = changed(
        ("ngram 1=5", "ngram 1=6"), ("-0.30103\ta\t", "-0.2\ta\t"), ("a </s>", "a <s>"), ("<s> a b", "b a b")
    )
    assert rows(check(text, tolerance=1e-3)) == [
        "error 2 header-count: 6 1-grams are announced, and there are 5",
        "error None sum: the probabilities of the 1-grams sum to 1.13096",  # p(a) = 10^−0.2 = 0.630957 in place of 0.5
        "error None sum: the probabilities after 'b a' sum to 1.00238",  # 0.6 + (0.902383 − 0.5)
        "error 10 sum: the probabilities after 'a' sum to 0.902383",  # 0.5 + 0.4 (1.130957 − 0.125)
        "error 11 sum: the probabilities after 'b' sum to 1.0873",  # 0.5 + 2/3 (1.130957 − 0.25)
        "error 14 sum: the probabilities after '<s> a' sum to 0.721906",  # 0.8 · 0.902383
        "error 15 sum: the probabilities after 'a b' sum to 1.04365",  # 0.75 + 0.5 (1.0873 − 0.5)
        "error 20 missing-history: the 3-gram 'b a b' begins with 'b a', which is not among the 2-grams",
        "warning 16 bos-inside: the 2-gram 'a <s>' has <s> after its first place: it is never predicted",
    ]


def test_sections_in_any_order_are_read_and_told() -> None:
    head, one, two, three, end = GOOD.replace("\n\\", "\n|\\").split("|")
    report = check(head + two + one + three + end, tolerance=1e-6)
    assert rows(report) == ["error 12 section: \\1-grams: comes after \\2-grams:"]
    assert report.ngrams == {1: 5, 2: 4, 3: 2}
    assert rows(check(head + three + two + one + end)) == [
        "error 10 section: \\2-grams: comes after \\3-grams:",
        "error 16 section: \\1-grams: comes after \\3-grams:",
    ]


def test_a_section_that_is_missing_leaves_the_others_readable() -> None:
    head, one, _, three, end = GOOD.replace("\n\\", "\n|\\").split("|")
    assert rows(check(head + one + three + end, tolerance=9)) == [
        "error 3 section: 2-grams are announced, and there is no \\2-grams:",
        "error 14 missing-history: the 3-gram '<s> a b' begins with '<s> a', which is not among the 2-grams",
        "error 15 missing-history: the 3-gram 'a b </s>' begins with 'a b', which is not among the 2-grams",
        "warning 15 missing-suffix: the 3-gram 'a b </s>' ends with 'b </s>', which is not among the 2-grams",
        "warning None empty-order: there are no 2-grams; some readers refuse that",
    ]


def test_ngrams_before_the_beginning_are_told_and_not_read() -> None:
    report = check(changed(("\\data\\", "\\1-grams:\n-1\tb\n\n\\data\\")))
    assert rows(report) == ["error 1 section: \\1-grams: stands before \\data\\, and is not read"]
    assert report.ngrams == {1: 5, 2: 4, 3: 2}


def test_an_empty_section_and_a_file_without_ngrams_are_told() -> None:
    text = changed(("\n-0.2218487\t<s> a b\n-0.1249387\ta b </s>", ""), ("ngram 3=2", "ngram 3=0"))
    assert rows(check(text, tolerance=9)) == [
        "warning None empty-order: there are no 3-grams; some readers refuse that"
    ]
    assert rows(check("\\data\\\n\n\\end\\\n")) == ["error None section: the file has no n-grams"]


def test_missing_backoffs_and_histories_show_in_the_sums() -> None:
    """Without its backoff, or itself, 'a b' gives back all that </s> (1/2 after b) leaves: 3/4 + 1/2."""
    for change in (("a b\t-0.30103", "a b"), ("-0.30103\ta b\t-0.30103\n", "")):
        sums = [found for found in check(changed(change)).problems if found.kind == "sum"]
        assert "the probabilities after 'a b' sum to 1.25" in [found.message for found in sums]


def test_sums_are_those_of_the_probabilities_one_by_one() -> None:
    text = changed(("-0.1249387\t<s> a", "-0.3\t<s> a"), ("-0.30103\tb </s>\n", ""), ("ngram 2=4", "ngram 2=3"))
    model = lmkit.load_model(io.BytesIO(text.encode()), precision="double")
    report = check(text, tolerance=0.0)
    told = {
        found.message.split("'")[1]: float(found.message.split(" ")[-1])
        for found in report.problems
        if "after" in found.message and found.kind == "sum"
    }
    assert set(told) == {"<s>", "a", "b", "<s> a", "a b"}
    for history, total in told.items():
        assert total == pytest.approx((10 ** lmkit.conditional_log10_probs(model, history)).sum(), abs=1e-5)


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*/*.arpa*")), ids=lambda path: path.name)
def test_files_of_other_tools_have_no_errors(path: Path) -> None:
    """Their values have six or seven digits: sums are 1 within 1.1e-6."""
    report = lmkit.check_model(path, samples=None, tolerance=2e-6)
    assert report.ok, rows(report)
    assert report.warnings == report.totals["warning"].get("missing-suffix", 0)
    assert ("prune" in path.name) == (report.warnings > 0)
    assert set(report.totals["note"]) <= {"closed", "bos-probability"}
    assert report.largest_deviation is not None
    assert 0 < report.largest_deviation < 1.2e-6


def test_missing_suffixes_are_those_that_a_set_finds() -> None:
    path = REFERENCE / "srilm/en.mkn_unk.o3.prune1e-5.arpa.gz"
    ngrams = [line.split("\t")[1] for line in gzip.decompress(path.read_bytes()).decode().splitlines() if "\t" in line]
    expected = {ngram for ngram in ngrams if ngram.count(" ") == 2 and ngram.split(" ", 1)[1] not in set(ngrams)}
    told = [found.message for found in lmkit.check_model(path).problems]
    assert len(told) == len(expected) == 101
    assert {message.removeprefix("the 3-gram ")[1:].split(" ends with ")[0][:-1] for message in told} == expected


def test_a_sample_is_drawn_with_its_seed_and_has_the_short_histories() -> None:
    path = REFERENCE / "kenlm/en.o3.arpa.gz"
    ten = lmkit.check_model(path, samples=10)
    assert 12 <= ten.histories <= 22  # ten, the empty one, <s>, and the suffixes of those of two words
    assert ten == lmkit.check_model(path, samples=10)
    assert ten.largest_deviation != lmkit.check_model(path, samples=10, seed=1).largest_deviation
    assert lmkit.check_model(path, samples=0).histories == 2
    every = lmkit.check_model(path, samples=None)
    assert lmkit.check_model(path, samples=10**6).histories == every.histories == 3196
    assert "|histories:10|seed:0|" in ten.signature
    assert "|histories:all|seed:0|" in every.signature


def test_block_size_changes_nothing() -> None:
    text = changed(("a b\t-0.30103", "a b\tx"), ("b </s>\n", "b </s>\n\n-1\tb </s>\n"), ("\\2-gr", " \\2-gr")).encode()
    found = []
    for block_bytes in (1, 7, 50, 1000):
        problems = Problems()
        builder = read_lenient(io.BytesIO(text), problems, block_bytes=block_bytes).builder
        found.append((problems.listed(), [listed.lines.tolist() for listed in builder.chain]))
    assert all(other == found[0] for other in found[1:])


def test_more_problems_than_are_listed_are_counted() -> None:
    lines = [f"-9\tw{number}\tx" for number in range(LISTED + 5)]
    text = "\n".join(["\\data\\", f"ngram 1={len(lines)}", "", "\\1-grams:", *lines, "", "\\end\\", ""])
    report = check(text)
    assert report.totals["error"]["number"] == LISTED + 5
    numbers = [found for found in report.problems if found.kind == "number"]
    assert len(numbers) == LISTED
    assert [found.line for found in numbers[:3]] == [5, 6, 7]


def test_compressed_files_and_streams_are_checked() -> None:
    assert check(gzip.compress(GOOD.encode())).ok


@pytest.mark.parametrize("text", ["le chat\n", "\n", "\\end\\\n", "\\2-grams:\n-1\ta b\n"])
def test_what_is_no_model_at_all_is_an_error(text: str) -> None:
    with pytest.raises(DataError, match=r"this is not a model: no \\data\\ line of an ARPA file was found"):
        check(text)


@pytest.mark.parametrize("options", [{"samples": -1}, {"tolerance": -1.0}, {"tolerance": math.nan}])
def test_impossible_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="it must be 0 or more"):
        check(GOOD, **options)


def test_the_command_lists_problems_and_says_how_it_is(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, changed(("a </s>", "a  </s>"), ("ngram 2=4", "ngram 2=5")), "x.arpa")
    result = lmkit_run("ngram", "check", path)
    assert result.code == 1
    assert result.out.splitlines() == [
        "level\tline\tkind\tmessage",
        "error\t3\theader-count\t5 2-grams are announced, and there are 4",
        f"warning\t16\twhite-space\todd white space in '-0.60206\\ta  </s>': {WHITE_SPACE}",
    ]
    first, second, third = result.err.splitlines()
    assert first == f"lmkit: {path}: ARPA of order 3, n-grams 5 4 2: 1 error, 1 warning, 0 notes"
    assert second.startswith("lmkit: 6 sums of probabilities: at most ")
    assert third == "lmkit: --repair -o FIXED writes the model without what is wrong with its n-grams"


def test_the_command_exits_with_0_for_warnings_unless_it_is_strict(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, changed(("a </s>", "a  </s>")), "x.arpa")
    assert lmkit_run("ngram", "check", "--quiet", path).code == 0
    result = lmkit_run("ngram", "check", "--quiet", "--strict", path)
    assert (result.code, result.err) == (1, "")
    good = text_file(tmp_path, GOOD, "good.arpa")
    result = lmkit_run("ngram", "check", "--strict", "--all-histories", "--tolerance", "1e-6", good)
    assert (result.code, result.out) == (0, "level\tline\tkind\tmessage\n")


def test_the_command_shows_twenty_problems_of_a_kind_and_json_more(lmkit_run: Run) -> None:
    path = REFERENCE / "srilm/en.mkn_unk.o3.prune1e-5.arpa.gz"
    lines = lmkit_run("ngram", "check", path).out.splitlines()
    assert len(lines) == 22
    assert lines[-1] == "warning\t\tmissing-suffix\tand 81 more"
    report = json.loads(lmkit_run("ngram", "check", "--json", path).out)
    assert len(report["problems"]) == 101
    assert report["problems"][0]["line"] == 3003
    assert (report["ok"], report["errors"], report["warnings"], report["notes"]) == (True, 0, 101, 0)
    assert report["ngrams"] == {"1": 758, "2": 2233, "3": 942}
    assert report["signature"].startswith(
        "order:3|smoothing:arpa|vocabulary:open|precision:single|histories:1000|seed:0|"
    )


def test_the_command_reads_pipes() -> None:
    result = run_line(
        "lmkit ngram train -q corpora/toy.tok | lmkit smooth -q --laplace - | lmkit ngram check -q --strict -"
    )
    assert (result.returncode, result.stdout) == (0, b"level\tline\tkind\tmessage\n")


def test_a_sum_that_is_not_finite_is_null_in_json(tmp_path: Path, lmkit_run: Run) -> None:
    text = changed(("a\t-0.39794", "a\t99.9"), ("a b\t-0.30103", "a b\t100"), ("-0.1249387\t<s> a", "-0.3\t<s> a"))
    result = lmkit_run("ngram", "check", "--json", text_file(tmp_path, text, "x.arpa"))
    figures = json.loads(result.out, parse_constant=pytest.fail)
    assert figures["largest_deviation"] > 1e90


def test_models_and_counts_of_lmkit_have_no_problems(tmp_path: Path) -> None:
    """Closed vocabularies are noted, and the zeros of maximum likelihood."""
    for language in LANGUAGES:
        for cutoff in (1, 2):
            counts = lmkit.count_ngrams(train_text(language), 3, cutoff=cutoff)
            assert rows(lmkit.check_model(counts)) == []
            for closed in (False, True):
                models = [
                    lmkit.kneser_ney(counts, discount_fallback="fixed", closed=closed),
                    lmkit.laplace(counts, 0.1, closed=closed),
                    lmkit.maximum_likelihood(counts, closed=closed),
                ]
                for number, model in enumerate(models):
                    allowed = ({"closed"} if closed else set()) | (
                        {"zero-probability", "zero-backoff"} if number == 2 else set()
                    )
                    for name in ("m.safetensors", "m.arpa"):
                        lmkit.save(model, tmp_path / name)
                        report = lmkit.check_model(tmp_path / name, samples=None, tolerance=1e-6)
                        assert report.ok, rows(report)
                        assert not report.warnings
                        assert set(report.totals["note"]) <= allowed
                        assert report.histories > 1000


def test_double_precision_sums_to_1_in_all_digits() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 4), precision="double")
    report = lmkit.check_model(model, samples=None, tolerance=1e-12)
    assert report.ok
    assert report.histories == 6394


def test_stupid_backoff_is_not_summed_up() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 2))
    halves = tuple(log10_probs - np.float32(0.3) for log10_probs in model.log10_probs)
    scores = model.with_values(
        halves,
        details=model.details | {"smoothing": "stupid-backoff"},
        traits=replace(model.traits, is_distribution=False),
    )
    report = lmkit.check_model(scores)
    assert rows(report) == [
        "note None no-distribution: scores of stupid backoff are no probabilities, and were not summed up"
    ]
    assert (report.histories, report.largest_deviation, report.largest_deviation_history) == (0, None, None)


def test_the_documentation_shows_what_is_printed(tmp_path: Path) -> None:
    documentation = (ROOT / "docs/topics/checking.md").read_text(encoding="utf-8")
    (tmp_path / "corpora").symlink_to(CORPORA)
    prepared = re.findall(r"^    (lmkit .*|sed .*)$", documentation, re.MULTILINE)
    assert len(prepared) == 2
    screens = re.findall(r"```console\n(.*?)```", documentation, re.DOTALL)
    commands = [part for screen in screens for part in re.split(r"^\$ ", screen, flags=re.MULTILINE)[1:]]
    assert len(commands) == 3
    for line in [*prepared, *commands]:
        command, _, expected = line.partition("\n")
        result = run_line(command, tmp_path)
        assert (result.stdout + result.stderr).decode() == expected
    (code,) = re.findall(r"```python\n(.*?)```", documentation, re.DOTALL)
    report = lmkit.check_model(tmp_path / "theirs.arpa", samples=None)
    assert f"# {report.ok}, {report.errors}, {report.largest_deviation_history!r}\n" in code
    repaired = lmkit.repair_model(tmp_path / "theirs.arpa", renormalize=True)
    assert f"# {repaired.repairs.added}, {repaired.report.ok}\n" in code


def test_the_documentation_names_every_kind_of_problem() -> None:
    documentation = (ROOT / "docs/topics/checking.md").read_text(encoding="utf-8")
    sources = [
        path.read_text(encoding="utf-8") for path in (ROOT / "lmkit").rglob("*.py") if "evaluat" not in str(path)
    ]
    told = r'(?:\(|problems,)\s*"(?:error|warning|note)",\s*"([a-z-]+)"|\(counts, problems, "([a-z-]+)"'
    found = [kind for source in sources for kinds in re.findall(told, source) for kind in kinds if kind]
    kinds = set(found) - set(LEVELS)
    assert len(kinds) > 30
    assert {kind for kind in kinds if f"`{kind}`" not in documentation} == set()
