"""Repairing models: what is wrong goes, and no score changes."""

import contextlib
import io
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.checking.repair import Repaired
from lmkit.errors import DataError, UsageError
from tests.conftest import CORPORA, REFERENCE, TOY, Result, text_file
from tests.damaged import GOOD, changed, mutated

Run = Callable[..., Result]
WORDS = ["a", "b", "c", "zzz"]
texts = st.lists(st.lists(st.sampled_from(WORDS[:3]), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=8)


def stream(text: str | bytes) -> io.BytesIO:
    """A text to read."""
    return io.BytesIO(text if isinstance(text, bytes) else text.encode())


def arpa(model: lmkit.NgramModel) -> str:
    """The ARPA text of a model, without lmkit's comment."""
    with tempfile.TemporaryDirectory() as folder:
        lmkit.save(model, Path(folder) / "m.arpa")
        return (Path(folder) / "m.arpa").read_text(encoding="utf-8").split("\n", 1)[1]


def repaired(result: Repaired) -> lmkit.NgramModel:
    """The model, which is one of words."""
    assert isinstance(result.model, lmkit.NgramModel)
    return result.model


class Listed:
    """The n-grams of an ARPA text in a dictionary: the first of each, without those that have unknown words."""

    def __init__(self, text: str) -> None:
        self.values: dict[tuple[str, ...], tuple[float, float]] = {}
        for line in text.split("\n"):
            columns = line.split("\t")
            if len(columns) < 2:
                continue
            ngram = tuple(columns[1].split(" "))
            if len(ngram) == 1 or all((word,) in self.values for word in ngram):
                self.values.setdefault(ngram, (float(columns[0]), float(columns[2]) if len(columns) > 2 else 0.0))

    def log10_prob(self, word: str, history: Sequence[str]) -> float:
        """The listed value, or what backing off gives; the backoff of what is not listed is 1."""
        if (*history, word) in self.values:
            value = self.values[*history, word][0]
            return -math.inf if value <= -99 else value
        if not history:
            return -math.inf
        _, backoff = self.values.get(tuple(history), (0.0, 0.0))
        return backoff + self.log10_prob(word, history[1:])

    def scores(self, sentence: str, order: int) -> list[float]:
        """The scores of the words of a sentence and of its end."""
        words = ["<s>", *(word if (word,) in self.values else "<unk>" for word in sentence.split()), "</s>"]
        return [self.log10_prob(words[at], words[max(0, at - order + 1) : at]) for at in range(1, len(words))]


def same(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether scores are the same but for the rounding to single precision."""
    return all(
        one == other or abs(one - other) < 2e-6 * max(1.0, abs(other))
        for one, other in zip(found, expected, strict=True)
    )


def scores(model: lmkit.NgramModel, sentence: str) -> list[float]:
    """The scores of the words of a sentence and of its end."""
    return [token.log10_prob for token in lmkit.score_sentence(model, sentence)]


@pytest.mark.parametrize(
    ("changes", "repairs"),
    [
        ([("ngram 2=4", "ngram 2=9")], {}),
        ([("\\end\\\n", "")], {}),
        ([("\\2-grams:", " \\2-grams")], {}),
        ([("6\ta </s>", "6 a  </s>")], {}),
        ([("-0.60206\ta", "-0,60206\ta")], {"values": 1}),
        ([("b </s>\n", "b </s>\n-0.30103\tb </s>\n")], {"duplicates": 1}),
        ([("b </s>\n", "b </s>\n-0.7\tb </s>\n")], {"conflicts": 1}),
        ([("b </s>\n", "b </s>\n-0.7\tb c\n")], {"unknown_words": 1}),
        ([("b </s>\n", "b </s>\n-0.7\tb\n-1\tb b b b b\n")], {"unreadable": 2}),
        ([("<s> a b", "<s> a b\t-0.5")], {}),
        ([("-99\t<s>", "-1\t<s>")], {}),
    ],
)
def test_damage_without_a_meaning_is_repaired_to_what_was_meant(
    changes: list[tuple[str, str]], repairs: dict[str, int], tmp_path: Path
) -> None:
    result = lmkit.repair_model(stream(changed(*changes)), tmp_path / "fixed.arpa", samples=None)
    assert {name: number for name, number in vars(result.repairs).items() if number} == repairs
    assert result.report.ok
    assert (result.report.warnings, result.report.notes) == (0, 0)
    good = lmkit.load_model(stream(GOOD))
    again = lmkit.load_model(tmp_path / "fixed.arpa")
    assert again.signature() == good.signature()
    for one, other in zip(
        (*again.log10_probs, *again.log10_backoffs), (*good.log10_probs, *good.log10_backoffs), strict=True
    ):
        assert np.array_equal(one, other)


def test_missing_suffixes_get_what_backing_off_gives_and_a_backoff_of_1() -> None:
    """Without 'b </s>': p(</s> | b) = backoff(b) p(</s>) = 2/3 · 1/4."""
    damaged = changed(("-0.30103\tb </s>\n", ""), ("ngram 2=4", "ngram 2=3"))
    result = lmkit.repair_model(stream(damaged))
    assert result.repairs.in_words() == ["n-grams put in that were missing (histories, suffixes, marks): 1"]
    listed = Listed(arpa(repaired(result))).values
    assert listed["b", "</s>"] == pytest.approx((math.log10(2 / 3 / 4), 0), abs=1e-6)
    assert lmkit.check_model(stream(damaged)).totals["warning"] == {"missing-suffix": 1}
    assert result.report.totals["warning"] == {}


def test_missing_histories_are_put_in_with_theirs() -> None:
    """With 'a b' the backoff of 'a b' is lost; 'a b' itself gets p(b | a) = backoff(a) p(b) = 2/5 · 1/8."""
    result = lmkit.repair_model(stream(changed(("-0.30103\ta b\t-0.30103\n", ""))))
    assert Listed(arpa(repaired(result))).values["a", "b"] == pytest.approx((math.log10(2 / 5 / 8), 0), abs=1e-6)
    assert result.repairs.added == 1
    text = changed(("a b </s>\n", "a b </s>\n\n\\4-grams:\n-0.5\tb b a a\n"), ("ngram 3=2", "ngram 3=2\nngram 4=1"))
    result = lmkit.repair_model(stream(text))
    added = set(Listed(arpa(repaired(result))).values) - set(Listed(text).values)
    assert added == {("b", "b"), ("b", "a"), ("a", "a"), ("b", "b", "a"), ("b", "a", "a")}


def test_missing_marks_are_put_in_with_a_probability_of_0() -> None:
    result = lmkit.repair_model(stream(changed(("-99\t<s>\t-0.30103\n", ""), ("-0.60206\t</s>\n", ""))))
    listed = Listed(arpa(repaired(result))).values
    assert listed["<s>",] == listed["</s>",] == (-99.0, 0.0)
    assert listed["<s>", "a"][0] == pytest.approx(-0.1249387)
    assert result.repairs.added == 2


def test_an_unknown_word_that_only_begins_ngrams_is_put_in() -> None:
    text = changed(("-0.90309\t<unk>\n", ""), ("ngram 1=5", "ngram 1=4"), ("-0.30103\tb </s>", "-0.30103\t<unk> b"))
    result = lmkit.repair_model(stream(text))
    assert Listed(arpa(repaired(result))).values["<unk>",] == (-99.0, 0.0)
    assert lmkit.check_model(stream(arpa(repaired(result)))).totals["error"].keys() == {"sum"}
    assert result.repairs.added == 2  # and b </s>


def test_values_that_are_none_are_replaced() -> None:
    text = changed(("-0.60206\ta", "0.5\ta"), ("-0.30103\tb </s>", "nan\tb </s>"), ("a b\t-0.30103", "a b\t300"))
    result = lmkit.repair_model(stream(text), tolerance=9)
    listed = Listed(arpa(repaired(result))).values
    assert listed["a", "</s>"][0] == 0  # no more than 1
    assert listed["b", "</s>"][0] == pytest.approx(math.log10(2 / 3 / 4), abs=1e-6)  # as if it were not listed
    assert listed["a", "b"][1] == 0
    assert result.repairs.in_words() == ["values replaced that were no log10 probabilities or backoffs: 3"]
    assert result.report.ok


def test_renormalizing_gives_back_the_backoffs_that_a_file_has_lost() -> None:
    text = changed(*((f"\t{backoff}\n", "\n") for backoff in ("-0.30103", "-0.39794", "-0.1760913", "-0.09691")))
    left = lmkit.repair_model(stream(text))
    assert set(left.report.totals["error"]) == {"sum"}
    result = lmkit.repair_model(stream(text), renormalize=True, samples=None, tolerance=1e-6)
    assert result.report.ok
    assert result.repairs.in_words() == ["backoffs computed anew: 4"]
    good, found = Listed(GOOD).values, Listed(arpa(repaired(result))).values
    for ngram in [("<s>",), ("a",), ("b",), ("<s>", "a")]:
        assert found[ngram][1] == pytest.approx(good[ngram][1], abs=1e-6)
    assert "|renormalized:yes|" in result.model.signature()


def test_renormalizing_scales_probabilities_that_leave_nothing() -> None:
    """1-grams of 2: halved. After b, </s> has 1 and the backoff asks for 2/3 · 3/4 = 1/2: </s> gets the other half."""
    text = changed(
        ("-0.60206\t</s>", "0\t</s>"), ("-0.90309\t<unk>", "-0.425969\t<unk>"), ("-0.30103\tb </s>", "0\tb </s>")
    )
    result = lmkit.repair_model(stream(text), renormalize=True, samples=None, tolerance=1e-6)
    assert result.report.ok
    listed = Listed(arpa(repaired(result))).values
    assert 10 ** listed["</s>",][0] == pytest.approx(0.5, abs=1e-6)
    assert 10 ** listed["<unk>",][0] == pytest.approx(0.1875, abs=1e-6)
    assert 10 ** listed["b", "</s>"][0] == pytest.approx(1 - 2 / 3 * (1 - 0.5), abs=1e-6)
    assert result.repairs.scaled == 2


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*/*.arpa*")), ids=lambda path: path.name)
def test_files_of_other_tools_keep_their_scores(path: Path, tmp_path: Path) -> None:
    model = lmkit.load_model(path)
    result = lmkit.repair_model(path, tmp_path / "fixed.arpa", renormalize=False)
    assert (result.report.errors, result.report.warnings) == (0, 0)
    fixed = lmkit.load_model(tmp_path / "fixed.arpa")
    text = CORPORA / f"{'fr' if path.name.startswith('fr') else 'en'}.test.tok"
    for one, other in zip(lmkit.score_text(model, text), lmkit.score_text(fixed, text), strict=True):
        assert one.scores.log10_probs == pytest.approx(other.scores.log10_probs, abs=2e-6)


@pytest.mark.parametrize("closed", [False, True])
def test_a_sound_model_stays_as_it_is(closed: bool, tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    model = lmkit.kneser_ney(counts, discount_fallback="fixed", closed=closed, keep_counts=False)
    result = lmkit.repair_model(model, tmp_path / "same")
    assert result.repairs.in_words() == []
    lmkit.save(model, tmp_path / "model")
    assert (tmp_path / "same").read_bytes() == (tmp_path / "model").read_bytes()


def test_models_of_lmkit_are_repaired_too(tmp_path: Path) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed")
    backoffs = [array.copy() for array in model.log10_backoffs]
    backoffs[0][5] = 101
    damaged = model.with_values(log10_backoffs=tuple(backoffs))
    result = lmkit.repair_model(damaged, tmp_path / "fixed", renormalize=True, samples=None, tolerance=1e-6)
    assert result.report.ok
    fixed = lmkit.load_model(tmp_path / "fixed")
    assert fixed.log10_backoffs[0][5] == pytest.approx(model.log10_backoffs[0][5], abs=1e-6)
    assert fixed.settings == model.settings


def test_suffixes_of_many_words_find_their_places() -> None:
    """Histories times words are more than 32 bits hold."""
    types = 50_000
    unigrams = [f"-5\tw{number}\t0" for number in range(types)]
    bigrams = [f"-0.3\tw{number} w{number + 1}\t0" for number in range(types - 1)]
    trigrams = [f"-0.1\tw{number} w{number + 1} w{types - 1 - number}" for number in range(types - 1)]
    head = ["\\data\\", f"ngram 1={types}", f"ngram 2={types - 1}", f"ngram 3={types - 1}", ""]
    parts = ["\\1-grams:", *unigrams, "", "\\2-grams:", *bigrams, "", "\\3-grams:", *trigrams, "", "\\end\\", ""]
    result = lmkit.repair_model(stream("\n".join([*head, *parts])), samples=10, tolerance=9)
    assert result.report.ok
    assert repaired(result).ngrams()[2] == 2 * (types - 1)  # no suffix was there
    words = ["w7", "w8", f"w{types - 8}"]
    assert lmkit.probability(result.model, words[2], " ".join(words[:2])) == pytest.approx(10**-0.1)
    assert lmkit.probability(result.model, words[2], words[1]) == pytest.approx(1e-5)


@given(texts, texts, st.integers(2, 4), st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_no_score_changes(train: list[str], test: list[str], order: int, dropped: set[int], doubled: set[int]) -> None:
    """However many n-grams of order 2 and above are missing or stand in the file twice."""
    counts = lmkit.count_ngrams(stream("\n".join(train) + "\n"), order)
    lines = arpa(lmkit.kneser_ney(counts, discounts=(0.5, 1, 1.5))).split("\n")
    higher = [place for place, line in enumerate(lines) if "\t" in line and " " in line]
    for place in reversed(range(len(higher))):
        if place in doubled:
            lines.insert(higher[place] + 1, lines[higher[place]].replace("-", "-1", 1))
        if place in dropped:
            del lines[higher[place]]
    text = "\n".join(lines)
    result = lmkit.repair_model(stream(text))
    assert set(result.report.totals["error"]) <= {"sum"}
    assert set(result.report.totals["warning"]) <= {"empty-order"}
    listed = Listed(text)
    for sentence in [*test, "a zzz b c"]:
        assert same(scores(repaired(result), sentence), listed.scores(sentence, order))


VALUES = [
    b"",
    b"\t",
    b"  ",
    b"\r",
    b",",
    b"nan",
    b"-inf",
    b"inf",
    b"0.5",
    b"1e-7",
    b"-99",
    b"200",
    b"+1",
    b"x",
    b"\xff",
    b"\x01",
]
LINES = [b"\\", b"\\end\\", b"\\data\\", b"\\1-grams:", b" \\2-grams:", b"\\3-grams", b"ngram 2=3"]
NGRAMS = [b"-1\ta", b"-1\t<s> a\t-1", b"-1\t</s> b", b"-1\ta <s>", b"-1\tb a b", b"-1\t<UNK>", b"-1\ta\tb"]
operations = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 200),
        st.integers(0, 200),
        st.sampled_from([*VALUES, *LINES, *NGRAMS]),
    ),
    max_size=5,
)


@given(texts, st.integers(1, 4), st.booleans(), operations)
def test_whatever_happens_to_a_file_it_is_checked_and_repaired(
    train: list[str], order: int, foreign: bool, damages: list[tuple[int, int, int, bytes]]
) -> None:
    """Nothing crashes; what is called sound can be read; what was repaired is sound but for sums, and once is enough."""
    counts = lmkit.count_ngrams(stream("\n".join(train) + "\n"), order)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lmkit.save(lmkit.kneser_ney(counts, discounts=(0.5, 1, 1.5)), folder / "m.arpa")
        lines = (folder / "m.arpa").read_bytes().split(b"\n")[int(foreign) :]
        data = mutated(lines, damages)
        loaded = None
        with contextlib.suppress(DataError):
            loaded = lmkit.load_model(stream(data))
        try:
            report = lmkit.check_model(stream(data), samples=None)
        except DataError as error:
            assert "this is not a model" in str(error)  # noqa: PT017 (only sometimes raised)
            assert loaded is None
            return
        assert loaded is not None or not report.ok
        if not report.ngrams:
            return
        result = lmkit.repair_model(stream(data), folder / "fixed.arpa", samples=None)
        assert set(result.report.totals["error"]) <= {"sum"}
        again = lmkit.check_model(folder / "fixed.arpa", samples=None)
        assert again.totals["error"] == result.report.totals["error"]
        second = lmkit.repair_model(folder / "fixed.arpa", folder / "twice.arpa")
        assert (folder / "twice.arpa").read_bytes() == (folder / "fixed.arpa").read_bytes()
        assert second.repairs.in_words() == []
        if loaded is not None:
            fixed = lmkit.load_model(folder / "fixed.arpa")
            for sentence in (*train, "c zzz a"):
                assert same([min(score, 0) for score in scores(loaded, sentence)], scores(fixed, sentence))
        with contextlib.suppress(DataError):  # nothing but zeros
            renormalized = lmkit.repair_model(stream(data), renormalize=True, samples=None, tolerance=1e-5)
            assert renormalized.report.ok, renormalized.report.problems


def test_a_comment_among_the_ngrams_becomes_no_word(lmkit_run: Run, tmp_path: Path) -> None:
    text = (
        "\\data\\\nngram 1=5\nngram 2=4\n\n\\1-grams:\n-1.0\t<unk>\n-99\t<s>\t-0.3\n-0.5\t</s>\n-0.6\tle\t-0.2\n"
        "-0.7\tchat\t-0.1\n\n# comment\n\\2-grams:\n-0.3\t<s> le\n # le chat\n-0.4\tle chat\n-0.2\tchat </s>\n-0.9\tle le\n\n"
        "\\end\\\n"
    )
    path = text_file(tmp_path, text, "comments.arpa")
    found = [row for row in lmkit_run("ngram", "check", path).out.splitlines() if "comment" in row]
    assert found == [
        "error\t12\tcomment-line\t'# comment' is a comment among the 1-grams, where there are none",
        "error\t15\tcomment-line\t' # le chat' is a comment among the 2-grams, where there are none",
    ]
    result = lmkit_run("ngram", "check", path, "--repair", "-o", tmp_path / "fixed.arpa")
    assert "lmkit: lines left out that cannot be read: 2" in result.err.splitlines()
    fixed = lmkit.load_model(tmp_path / "fixed.arpa")
    assert fixed.ngrams() == {1: 5, 2: 4}
    assert "comment" not in (tmp_path / "fixed.arpa").read_text(encoding="utf-8").split()


def test_what_cannot_be_repaired_is_an_error(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    lmkit.save(counts, tmp_path / "c")
    with pytest.raises(DataError) as caught:
        lmkit.repair_model(tmp_path / "c")
    assert (
        str(caught.value) == f"{tmp_path}/c: counts cannot be repaired.\nCount the text again, or fetch the file again."
    )
    text_file(tmp_path, (tmp_path / "c").read_bytes()[:300], "cut")
    with pytest.raises(DataError, match="the file is damaged beyond repair"):
        lmkit.repair_model(tmp_path / "cut")
    with pytest.raises(DataError, match="the file is damaged beyond repair"):
        lmkit.repair_model(stream("\\data\\\n\\end\\\n"))
    with pytest.raises(UsageError, match="a model with the smoothing maximum-likelihood cannot be renormalized"):
        lmkit.repair_model(lmkit.maximum_likelihood(counts), renormalize=True)
    zeros = changed(*((value, "-99") for value in ("-0.60206", "-0.90309", "-0.30103\ta\t-0.39794", "-0.90309")))
    zeros = zeros.replace("-99\n", "-99\ta\n")
    with pytest.raises(DataError, match="no 1-gram has a probability above 0: this cannot be renormalized"):
        lmkit.repair_model(stream(zeros), renormalize=True)


def test_the_command_repairs_and_says_what_it_did(lmkit_run: Run, tmp_path: Path) -> None:
    text = changed(("-0.30103\tb </s>\n", "-0.30103\tb </s>\n-0.30103\tb </s>\n"), ("-0.30103\ta b\t-0.30103\n", ""))
    path, fixed = text_file(tmp_path, text, "x.arpa"), tmp_path / "fixed.arpa"
    result = lmkit_run("ngram", "check", path, "--repair", "-o", fixed)
    assert result.code == 1  # a sum is left
    assert result.err.splitlines()[2:] == [
        "lmkit: n-grams left out that stand in the file before, with the same values: 1",
        "lmkit: n-grams put in that were missing (histories, suffixes, marks): 1",
        f"lmkit: wrote {fixed}: 2 errors, 0 warnings, 0 notes",
        "lmkit: --repair --renormalize -o FIXED computes its backoffs anew, so that probabilities sum to 1",
    ]
    result = lmkit_run("ngram", "check", path, "--repair", "--renormalize", "-o", fixed)
    assert result.code == 0
    assert result.out.startswith("level\tline\tkind\tmessage\nerror\t")
    assert f"lmkit: wrote {fixed}: 0 errors, 0 warnings, 0 notes" in result.err.splitlines()
    assert lmkit_run("ngram", "check", "--strict", fixed).code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--repair"], "lmkit: --repair and -o FIXED go together.\nGive both, or neither to check only.\n"),
        (["-o", "x"], "lmkit: --repair and -o FIXED go together.\nGive both, or neither to check only.\n"),
        (["--renormalize"], "lmkit: --renormalize belongs to --repair.\nAdd --repair -o FIXED.\n"),
        (
            ["--to", "arpa"],
            "lmkit: --to is for what --repair writes.\nAdd --repair -o FIXED, or leave it out.\n",
        ),
        (
            ["--repair", "-o", "-", "--json"],
            "lmkit: --json and -o - would both write to standard output.\nGive a file with -o.\n",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(lmkit_run: Run, options: list[str], message: str) -> None:
    result = lmkit_run("ngram", "check", TOY, *options)
    assert (result.code, result.out, result.err) == (2, "", message)
