"""Suites: what is read, what is measured, what gates decide, and `lmkit evaluate`."""

import json
import math
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError
from lmkit.evaluation.gates import LIMITS, NO_WORSE, Gate
from lmkit.evaluation.judging import check_limit
from lmkit.evaluation.outcome import Check, Outcome
from lmkit.evaluation.suite import OF_A_MODEL
from lmkit.evaluation.toml_lines import lines_of_keys
from lmkit.scoring.resampling import TESTS, Test
from tests.conftest import CORPORA, REFERENCE, ROOT, Result, held_out_text, text_file, train_text
from tests.documentation.test_documentation import is_near
from tests.scoring.test_comparison import drawn_one_by_one
from tests.shell_lines import on_terminal, run_line

Run = Callable[..., Result]
TEST = held_out_text("fr")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models of the French training text."""
    folder = tmp_path_factory.mktemp("models")
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    lmkit.save(lmkit.kneser_ney(counts), folder / "kn3")
    lmkit.save(lmkit.laplace(counts), folder / "laplace.arpa.gz")
    lmkit.save(lmkit.laplace(counts, closed=True), folder / "closed")
    lmkit.save(lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3, cutoff=2)), folder / "cut")
    lmkit.save(counts, folder / "counts")
    for path in CORPORA.glob("*.tok"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def suite_file(models: Path, text: str, name: str = "suite.toml") -> Path:
    """A suite beside the models."""
    return text_file(models, text, name)


BASE = """[models]
kn3 = "kn3"
laplace = { path = "laplace.arpa.gz" }
[texts]
test = "fr.test.tok"
both = ["fr.test.tok", "toy.tok"]
"""
OOV_NOTE = (
    "lmkit: OOV words (kn3 on test: 38, laplace on test: 38, kn3 on both: 42, laplace on both: 42) cost p(<unk>), and "
    "nothing for their letters: figures per word, byte or character flatter the model; "
    "the key spell_unknown of a model charges these, too.\n"
)


def test_pairs_have_the_figures_of_lmkit_perplexity_in_the_suites_order(lmkit_run: Run, models: Path) -> None:
    result = lmkit_run("evaluate", suite_file(models, BASE), "--json")
    assert (result.code, result.err) == (0, OOV_NOTE)
    found = json.loads(result.out)
    assert [(pair["text"], pair["model"]) for pair in found["pairs"]] == [
        ("test", "kn3"), ("test", "laplace"), ("both", "kn3"), ("both", "laplace"),
    ]  # fmt: skip
    for pair in found["pairs"]:
        files = [models / name for name in {"test": ["fr.test.tok"], "both": ["fr.test.tok", "toy.tok"]}[pair["text"]]]
        model = models / {"kn3": "kn3", "laplace": "laplace.arpa.gz"}[pair["model"]]
        alone = json.loads(lmkit_run("perplexity", model, *files, "--json").out)
        words = alone["tokens"] - alone["sentences"]
        assert pair["figures"] == alone | {"oov_rate": alone["oov"] / words}
        assert (pair["status"], pair["error"], pair["gates"]) == ("pass", None, [])
    assert (found["passed"], found["gates"], found["errors"]) == (True, {"pass": 0, "fail": 0, "error": 0}, 0)


def test_the_outcome_does_not_depend_on_workers(models: Path) -> None:
    suite = suite_file(models, BASE + "[gates]\nno_worse_than = 'kn3'\nsignificant = true\n")
    outcomes = [lmkit.evaluate(suite, resources=lmkit.Resources(workers=workers)).as_dict() for workers in (1, 2, 7)]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0]["pairs"][1]["gates"][0]["status"] == "fail"


GATED = (
    BASE
    + """[gates]
max_oov_rate = 0.06
max_perplexity = 40
[[gate]]
model = "kn3"
text = "test"
max_perplexity = 20
[[gate]]
model = ["kn3"]
max_bits_per_byte = 1.2
max_perplexity = 30
"""
)


def test_gates_hold_for_all_pairs_unless_said_otherwise_and_two_on_a_pair_both_count(models: Path) -> None:
    """[gates] gives way to a [[gate]] of the same kind; [[gate]]s do not give way to each other."""
    outcome = lmkit.evaluate(suite_file(models, GATED))
    found = {
        (pair.pair.text.name, pair.pair.model.name): [
            (check.gate.kind, check.gate.limit, check.gate.line, check.status) for check in pair.checks
        ]
        for pair in outcome.pairs
    }
    assert found == {
        ("test", "kn3"): [
            ("max_oov_rate", 0.06, 8, "pass"),
            ("max_perplexity", 20, 13, "fail"),
            ("max_bits_per_byte", 1.2, 16, "pass"),
            ("max_perplexity", 30, 17, "pass"),
        ],
        ("test", "laplace"): [("max_oov_rate", 0.06, 8, "pass"), ("max_perplexity", 40, 9, "fail")],
        ("both", "kn3"): [
            ("max_oov_rate", 0.06, 8, "fail"),
            ("max_bits_per_byte", 1.2, 16, "pass"),
            ("max_perplexity", 30, 17, "fail"),
        ],
        ("both", "laplace"): [("max_oov_rate", 0.06, 8, "fail"), ("max_perplexity", 40, 9, "fail")],
    }


def test_failing_gates_are_listed_after_all_figures_and_end_with_code_3(lmkit_run: Run, models: Path) -> None:
    suite = suite_file(models, GATED)
    result = lmkit_run("evaluate", suite)
    assert result.code == 3
    laplace = [lmkit.perplexity(lmkit.load(models / "laplace.arpa.gz"), files).perplexity
               for files in (models / "fr.test.tok", [models / "fr.test.tok", models / "toy.tok"])]  # fmt: skip
    assert result.err == OOV_NOTE + (
        "lmkit: 6 of 11 gates failed.\n"
        f"kn3 on test: max_perplexity ({suite}:13): perplexity is 29.24517861, above the limit of 20.\n"
        f"laplace on test: max_perplexity ({suite}:9): perplexity is {laplace[0]:.10g}, above the limit of 40.\n"
        f"kn3 on both: max_oov_rate ({suite}:8): oov_rate is 0.06113537118, above the limit of 0.06.\n"
        f"kn3 on both: max_perplexity ({suite}:17): perplexity is 30.93155449, above the limit of 30.\n"
        f"laplace on both: max_oov_rate ({suite}:8): oov_rate is 0.06113537118, above the limit of 0.06.\n"
        f"laplace on both: max_perplexity ({suite}:9): perplexity is {laplace[1]:.10g}, above the limit of 40.\n"
    )
    lines = [line.split("\t") for line in result.out.splitlines()]
    assert lines[0] == [
        "text", "model", "perplexity", "perplexity_excluding_oov", "cross_entropy_bits", "word_perplexity",
        "bits_per_byte", "tokens", "oov", "oov_rate", "max_oov_rate", "max_perplexity", "max_bits_per_byte",
        "status", "signature",
    ]  # fmt: skip
    assert lines[1][:3] == ["test", "kn3", "29.24517861"]
    assert [line[10:14] for line in lines[1:]] == [
        ["pass", "fail pass", "pass", "fail"],
        ["pass", "fail", "", "fail"],
        ["fail", "fail", "pass", "fail"],
        ["fail", "fail", "", "fail"],
    ]
    assert lines[1][14].startswith("order:3|smoothing:modified-kneser-ney|")


def test_a_table_on_a_terminal_is_aligned_and_has_no_signatures(models: Path) -> None:
    """What came of a pair stands first; of 80 columns, rows are side by side, and the largest number of a figure has five digits."""
    lines = on_terminal("evaluate", "--quiet", suite_file(models, BASE)).splitlines()
    shown = {words[0]: words[1:] for words in map(str.split, lines)}
    assert list(shown)[:4] == ["text", "model", "status", "perplexity"]
    assert shown["text"] == ["test", "test", "both", "both"]
    assert shown["perplexity"][0] == "29.25"
    assert len({line.index(word) for line, word in zip(lines, ("test", "kn3"), strict=False)}) == 1
    assert [line for line in lines if "order:" in line or "\t" in line] == []


FIGURES = lmkit.Perplexity(
    perplexity=20.0, perplexity_excluding_oov=15.0, cross_entropy_bits=math.log2(20), log10_prob=-143.1,
    tokens=110, sentences=10, oov=5, unspelled=5, zero_probability_tokens=0, words=100, characters=500, bytes=520,
    word_perplexity=27.0, byte_perplexity=1.9, bits_per_byte=0.91, bits_per_character=0.95,
    matched_orders={1: 110}, signature="",
)  # fmt: skip
BOUNDS = {
    "max_perplexity": 20.0, "max_perplexity_excluding_oov": 15.0, "max_cross_entropy_bits": math.log2(20),
    "max_oov_rate": 0.05, "max_zero_probability_tokens": 0.0, "max_word_perplexity": 27.0,
    "max_byte_perplexity": 1.9, "max_bits_per_byte": 0.91, "max_bits_per_character": 0.95,
}  # fmt: skip


@pytest.mark.parametrize("kind", LIMITS)
def test_a_figure_may_be_as_high_as_its_limit(kind: str) -> None:
    assert check_limit(Gate(kind, BOUNDS[kind]), FIGURES).status == "pass"
    worse = replace(FIGURES, zero_probability_tokens=1) if kind == "max_zero_probability_tokens" else FIGURES
    assert check_limit(Gate(kind, BOUNDS[kind] * 0.999), worse).status == "fail"


HOPELESS = {
    "all words OOV": (
        "max_perplexity_excluding_oov", {"oov": 100},
        "perplexity_excluding_oov is undefined: all 100 words of the text are OOV.",
    ),
    "no known token": (
        "max_perplexity_excluding_oov", {"perplexity_excluding_oov": math.nan}, "perplexity_excluding_oov is undefined.",
    ),
    "closed vocabulary": (
        "max_perplexity", {"perplexity": math.inf, "zero_probability_tokens": 5},
        (
            "perplexity is infinite: 5 OOV tokens have no probability, because the vocabulary of the model is closed "
            "(no <unk>); max_perplexity_excluding_oov leaves them out."
        ),
    ),
    "impossible words": (
        "max_bits_per_byte",
        {"perplexity_excluding_oov": math.inf, "bits_per_byte": math.inf, "zero_probability_tokens": 7},
        "bits_per_byte is infinite: 7 tokens have probability 0.",
    ),
    "beyond floats": (
        "max_word_perplexity", {"word_perplexity": math.inf, "oov": 0},
        "word_perplexity is infinite: the text is too improbable for a number.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOPELESS)
def test_infinite_and_undefined_figures_fail_every_limit(name: str) -> None:
    kind, changes, reason = HOPELESS[name]
    check = check_limit(Gate(kind, 1e300), replace(FIGURES, **changes))  # type: ignore[arg-type]
    assert (check.status, check.reason) == ("fail", reason)
    assert check.as_dict()["value"] is None


def test_a_text_of_nothing_but_empty_sentences_has_no_oov() -> None:
    assert check_limit(Gate("max_oov_rate", 0.0), replace(FIGURES, tokens=10, oov=0)).status == "pass"


COMPARED = """[models]
kn3 = "kn3"
other = "{other}"
[texts]
test = "fr.test.tok"
[[gate]]
model = "{model}"
no_worse_than = "{baseline}"
{more}
"""


def compared(models: Path, model: str, baseline: str, more: str = "") -> Check:
    """The check of a model against a baseline, one of which is kn3."""
    other = baseline if model == "kn3" else model
    names = {"kn3": "kn3", other: "other"}
    suite = COMPARED.format(other=other, model=names[model], baseline=names[baseline], more=more)
    (check,) = lmkit.evaluate(suite_file(models, suite)).checks
    return check


def perplexity_of(models: Path, name: str) -> lmkit.Perplexity:
    """The figures of a model on the test text."""
    return lmkit.perplexity(lmkit.load(models / name), TEST)


@pytest.mark.parametrize(("more", "status"), [(1e-9, "pass"), (-1e-9, "fail")])
def test_a_model_may_be_worse_by_the_margin(models: Path, more: float, status: str) -> None:
    worse, better = perplexity_of(models, "laplace.arpa.gz").perplexity, perplexity_of(models, "kn3").perplexity
    margin = worse / better - 1 + more
    check = compared(models, "laplace.arpa.gz", "kn3", f"margin = {margin!r}")
    assert check.status == status
    if status == "fail":
        assert check.reason == (
            f"perplexity is {worse:.10g}, above {check.figures['limit']:.10g}, "
            f"which is the {better:.10g} of kn3 with a margin of {margin:.10g}."
        )


def test_without_a_margin_equal_is_no_worse_and_worse_fails(models: Path) -> None:
    (models / "twin").write_bytes((models / "kn3").read_bytes())
    assert compared(models, "twin", "kn3").status == "pass"
    assert compared(models, "kn3", "laplace.arpa.gz").status == "pass"
    assert compared(models, "kn3", "laplace.arpa.gz", "margin = -0.99").status == "fail"
    check = compared(models, "laplace.arpa.gz", "kn3")
    worse = perplexity_of(models, "laplace.arpa.gz").perplexity
    assert (check.status, check.reason) == ("fail", f"perplexity is {worse:.10g}, above the 29.24517861 of kn3.")
    assert check.as_dict() == {
        "gate": "no_worse_than", "status": "fail", "baseline": "kn3", "figure": "perplexity", "comparable": True,
        "value": worse, "baseline_value": pytest.approx(29.24517924938247), "margin": 0.0,
        "limit": pytest.approx(29.24517924938247), "significant": False, "reason": check.reason, "line": 8,
    }  # fmt: skip


def test_other_vocabularies_are_compared_by_bits_per_byte(models: Path) -> None:
    """The model with a cutoff is better by bits per byte, for it knows fewer words."""
    check = compared(models, "cut", "kn3")
    assert (check.status, check.figures["figure"], check.figures["comparable"]) == ("pass", "bits_per_byte", False)
    assert check.figures["value"] == perplexity_of(models, "cut").bits_per_byte
    why = (
        "Compared by bits_per_byte, because the vocabularies differ ({}). "
        "It flatters the model that meets more OOV words ({}); spell_unknown charges their letters."
    )
    assert check.reason == why.format("429 words only in kn3, 0 only in other", "other: 81, kn3: 38")
    check = compared(models, "kn3", "cut")
    a, b = check.figures["value"], check.figures["limit"]
    assert check.reason == f"bits_per_byte is {a:.10g}, above the {b:.10g} of other. " + why.format(
        "0 words only in other, 429 only in kn3", "kn3: 38, other: 81"
    )


def test_a_closed_model_is_worse_where_words_are_unknown(models: Path) -> None:
    check = compared(models, "closed", "kn3")
    assert check.status == "fail"
    assert check.reason == (
        "bits_per_byte is infinite: 38 OOV tokens have no probability, because the vocabulary of the model is closed "
        "(no <unk>); max_perplexity_excluding_oov leaves them out. Compared by bits_per_byte, "
        "because the vocabulary of other is closed (no <unk>), the other open."
    )
    assert compared(models, "kn3", "closed").status == "pass"
    assert compared(models, "kn3", "closed", "significant = true").status == "pass"


def test_two_closed_models_are_compared_on_known_words(models: Path) -> None:
    theirs = REFERENCE / "srilm" / "fr.mkn_nounk.o3.arpa.gz"
    text = f"""[models]
srilm = "{theirs}"
closed = "closed"
[texts]
test = "fr.test.tok"
[gates]
no_worse_than = "srilm"
"""
    (check,) = lmkit.evaluate(suite_file(models, text)).checks
    better, worse = (
        lmkit.perplexity(lmkit.load(path), TEST).perplexity_excluding_oov for path in (theirs, models / "closed")
    )
    assert (check.status, check.reason) == (
        "fail",
        (
            f"perplexity_excluding_oov is {worse:.10g}, above the {better:.10g} of srilm. "
            "Compared by perplexity_excluding_oov, because OOV tokens have no probability under both models."
        ),
    )


@pytest.mark.parametrize(("beside", "status"), [(-1e-6, "fail"), (1e-6, "pass")])
def test_a_significant_gate_fails_only_where_the_interval_is_beyond_the_margin(
    models: Path, beside: float, status: str
) -> None:
    result = lmkit.compare(lmkit.load(models / "kn3"), lmkit.load(models / "laplace.arpa.gz"), TEST)
    ratio_low = result.as_dict()["bootstrap"]["ratio_low"]
    check = compared(models, "laplace.arpa.gz", "kn3", f"margin = {ratio_low - 1 + beside!r}\nsignificant = true")
    assert check.status == status
    assert check.figures["low"] == pytest.approx(-math.log2(1 + beside / ratio_low), abs=1e-9)
    assert check.figures["value"] > check.figures["limit"]
    assert ("above" in check.reason, "but not for sure" in check.reason) == (True, status == "pass")
    assert (check.figures["samples"], check.figures["seed"]) == (1000, 0)


def test_bits_per_byte_beyond_a_margin_are_resampled_too(models: Path) -> None:
    """Bits of kn3 − (1 + margin) · bits of cut, over the bytes of the drawn lines."""
    margin = 0.1
    more = f"margin = {margin}\nsignificant = true\n[bootstrap]\nsamples = 200\nseed = 3"
    check = compared(models, "kn3", "cut", more)
    lines = TEST.read_text(encoding="utf-8").splitlines()
    kn3, cut = (
        [-sum(score.log10_prob for score in lmkit.score_sentence(model, line)) / math.log10(2) for line in lines]
        for model in (lmkit.load_model(models / "kn3"), lmkit.load_model(models / "cut"))
    )
    beyond = [a - (1 + margin) * b for a, b in zip(kn3, cut, strict=True)]
    sizes = [len(line.encode()) + 1 for line in lines]
    drawn = sorted(
        sum(beyond[place] for place in draw) / sum(sizes[place] for place in draw)
        for draw in drawn_one_by_one(len(lines), 200, 3)
    )
    assert (check.figures["low"], check.figures["high"]) == pytest.approx((drawn[5], drawn[-6]), rel=1e-9)
    assert check.status == "fail"


@pytest.mark.parametrize("test", TESTS)
def test_a_significant_gate_uses_the_test_of_the_suite(models: Path, test: Test) -> None:
    """A perplexity (1 + m) times another is log2 (1 + m) bits a token more: the interval moves by that."""
    few = text_file(models, "".join(TEST.read_text(encoding="utf-8").splitlines(keepends=True)[:10]), "few.tok")
    more = f'margin = 0.01\nsignificant = true\n[bootstrap]\ntest = "{test}"\nseed = 3'
    text = COMPARED.format(other="laplace.arpa.gz", model="other", baseline="kn3", more=more)
    (check,) = lmkit.evaluate(suite_file(models, text.replace("fr.test.tok", few.name))).checks
    result = lmkit.compare(lmkit.load(models / "kn3"), lmkit.load(models / "laplace.arpa.gz"), few, test=test, seed=3)
    drawn = result.bootstrap
    assert drawn is not None
    assert check.figures["test"] == test
    ends = (drawn.low - math.log2(1.01), drawn.high - math.log2(1.01))
    assert (check.figures["low"], check.figures["high"]) == pytest.approx(ends, abs=1e-9)
    assert check.figures["warning"] == drawn.warning is not None
    assert check.reason.endswith(f"Beware: {drawn.warning}")


def test_one_sentence_is_never_significant(models: Path) -> None:
    one = text_file(models, "le chat dort dans la cour .\n", "one.tok")
    text = COMPARED.format(other="laplace.arpa.gz", model="other", baseline="kn3", more="significant = true")
    (check,) = lmkit.evaluate(suite_file(models, text.replace("fr.test.tok", one.name))).checks
    assert check.status == "pass"
    assert "but not for sure" in check.reason
    assert check.as_dict()["low"] is None


def test_an_error_of_one_pair_does_not_hide_the_others(lmkit_run: Run, models: Path) -> None:
    text_file(models, b"le chat\nla \xff\n", "bad.txt")
    text_file(models, "\n\n", "empty.txt")
    text_file(models, (models / "kn3").read_bytes()[:5000], "damaged")
    text = BASE.replace("[texts]", 'damaged = "damaged"\n[texts]\nbad = "bad.txt"\nempty = "empty.txt"')
    suite = suite_file(models, text + "[[gate]]\nmodel = 'kn3'\nno_worse_than = 'damaged'\nmax_perplexity = 29.5\n")
    result = lmkit_run("evaluate", suite, "--json")
    assert result.code == 1
    found = {(pair["text"], pair["model"]): pair for pair in json.loads(result.out)["pairs"]}
    assert {name for name, pair in found.items() if pair["figures"]} == {
        ("test", "kn3"), ("test", "laplace"), ("both", "kn3"), ("both", "laplace"),
    }  # fmt: skip
    assert [gate["status"] for gate in found["test", "kn3"]["gates"]] == ["error", "pass"]
    assert [gate["status"] for gate in found["bad", "kn3"]["gates"]] == ["error", "error"]
    assert json.loads(result.out)["gates"] == {"pass": 1, "fail": 1, "error": 6}
    lines = result.err.splitlines()
    assert lines[0] + "\n" == OOV_NOTE
    assert lines[1] == "lmkit: 8 of 12 pairs could not be measured, and 1 of 8 gates failed."
    assert f"kn3, laplace on bad: {models}/bad.txt:2: invalid UTF-8 (byte 0xff) at byte offset 11." in lines
    assert f"kn3, laplace on empty: {models}/empty.txt: there is no sentence in the text." in lines
    assert f"kn3 on test: no_worse_than ({suite}:12): damaged could not be measured on test." in lines
    assert any(line.startswith(f"damaged on test: {models}/damaged: ") for line in lines)


def test_models_and_texts_may_say_how_text_is_read(models: Path) -> None:
    text_file(models, "De La\n\n\xff la\n".encode("latin-1"), "odd.txt")
    text = f"""[models]
srilm = {{ path = "{REFERENCE}/srilm/fr.mkn_unk.o3.arpa.gz", lowercase = true }}
kn3 = {{ path = "kn3", lowercase = true, texts = ["odd"] }}
[texts]
odd = {{ path = "odd.txt", encoding_errors = "replace", blank_lines = "sentence" }}
test = "fr.test.tok"
"""
    outcome = lmkit.evaluate(suite_file(models, text))
    assert [(pair.pair.text.name, pair.pair.model.name) for pair in outcome.pairs] == [
        ("odd", "srilm"), ("odd", "kn3"), ("test", "srilm"),
    ]  # fmt: skip
    figures = outcome.pairs[0].figures
    assert figures is not None
    assert (figures.tokens, figures.sentences, figures.oov) == (7, 3, 1)  # de la </s> </s> \ufffd la </s>
    assert "|lowercase:yes|" in figures.signature
    assert "|blank-lines:sentence|" in figures.signature
    assert outcome.pairs[1].error.startswith("lowercase is yes here, but the model was made with lowercase no.\n")


def test_each_model_is_opened_once(models: Path) -> None:
    """As often for four texts as for one."""
    code = (
        "import sys; opened = []; "
        "sys.addaudithook(lambda name, given: opened.append(str(given[0])) if name == 'open' else None); "
        "import lmkit\nfor suite in sys.argv[1:]:\n opened.clear(); lmkit.evaluate(suite);"
        " print(sum(path.endswith('laplace.arpa.gz') for path in opened))"
    )
    suites = []
    for texts in (1, 4):
        lines = [f'text{number} = "fr.test.tok"' for number in range(texts)]
        suites.append(suite_file(models, "\n".join([*BASE.splitlines()[:4], *lines]), f"{texts}.toml"))
    counted = subprocess.run([sys.executable, "-c", code, *suites], capture_output=True, cwd=ROOT, check=True).stdout
    one, four = map(int, counted.split())
    assert one == four > 0


WRONG = """[models]
kn3 = "kn33"
kn5 = { path = "kn3", texts = ["tets"], lower = true, lowercase = 1 }
two = { path = ["kn3", "cut"] }
[texts]
test = ["fr.test.tok",
   "nothing"]
odd = 3
empty = {}
in = { path = "-", encoding_errors = "skip" }
[gates]
max_oov_rate = 5
max_perplexty = "120"
margin = 1
[[gate]]
model = "kn4"
text = ["test", "todd"]
max_perplexity = "20"
max_bits_per_byte = inf
[[gate]]
model = "kn3"
no_worse_than = "kn3"
significant = 1
[[gate]]
text = "test"
[gaet]
[bootstrap]
samples = 3
seed = -1
test = "t"
"""


def test_all_that_is_wrong_with_a_suite_is_reported_with_its_lines_before_any_work(
    lmkit_run: Run, models: Path
) -> None:
    suite = suite_file(models, WRONG)
    result = lmkit_run("evaluate", suite, "--junit", models / "none.xml")
    assert (result.code, result.out) == (1, "")
    gates = ", ".join([*LIMITS, NO_WORSE])
    expected = f"""lmkit: {suite} has 24 errors, and nothing was done.
2: there is no file {models}/kn33 (models.kn3).
3: there is no text 'tets'; did you mean 'test'?
3: lowercase is 1; it must be true or false.
3: unknown key 'lower' in models.kn5; did you mean 'lowercase'?
4: path is an array; model two must be one file.
7: there is no file {models}/nothing (texts.test).
8: texts.odd is 3; it must be a path, or a table with a path.
9: texts.empty has no path.
10: encoding_errors is "skip"; it must be "strict" or "replace".
10: standard input cannot be part of a suite: name a file.
12: max_oov_rate is 5; it must be a number from 0 to 1.
13: unknown key 'max_perplexty' in [gates]; did you mean 'max_perplexity'?
14: margin belongs to no_worse_than, which [gates] does not have.
16: there is no model 'kn4'; did you mean 'kn5'?
17: there is no text 'todd'; did you mean 'odd'?
18: max_perplexity is "20"; it must be a number of 0 or more.
19: max_bits_per_byte is inf; it must be a number of 0 or more.
22: kn3 would be compared with itself.
23: significant is 1; it must be true or false.
24: this gate sets no limit; it can be: {gates}.
26: unknown key 'gaet' in the suite; did you mean 'gate'?
28: samples is 3; it must be a whole number from 100 to 10,000,000.
29: seed is -1; it must be a whole number of 0 or more.
30: test is "t"; it must be "bootstrap", "bootstrap-t" or "randomization".
"""
    lines = expected.splitlines()
    assert sorted(result.err.splitlines()) == sorted([lines[0], *(f"{suite}:{line}" for line in lines[1:])])
    numbers = [int(line.removeprefix(f"{suite}:").split(":")[0]) for line in result.err.splitlines()[1:]]
    assert numbers == sorted(numbers)
    assert (models / "none.xml").read_text(encoding="utf-8").count("<error ") == 1


ONE_TEXT = BASE.replace('"kn3"', '{ path = "kn3", texts = "both" }')
BROKEN = {
    "": ["there is no model: [models] is missing or empty.", "there is no text: [texts] is missing or empty."],
    "models = 1\n[texts]\nt = 'fr.test.tok'": [
        "1: models is 1; it must be a table: [models].",
        "1: there is no model: [models] is missing or empty.",
    ],
    BASE + "[gate]\nmax_perplexity = 3": ["7: gate is a table; write [[gate]] above each one."],
    BASE + "[[gate]]\nmodel = 3\nmax_perplexity = 3": ["8: model is 3; it must be a string or an array of strings."],
    BASE + "[[gate]]\nmodel = ['kn3', 1]\nmax_perplexity = 3": [
        "8: model is an array; it must be a string or an array of strings."
    ],
    BASE + "[gates]\nno_worse_than = 'kn4'": ["8: there is no model 'kn4'; did you mean 'kn3'?"],
    BASE + "[gates]\nno_worse_than = ''": ['8: no_worse_than is ""; it must be a string that is not empty.'],
    BASE + "[gates]\nno_worse_than = 'kn3'\nmargin = true": [
        "9: margin is true; it must be a number of -0.99 or more."
    ],
    BASE + "[gates]\nmax_perplexity = 1" + "0" * 400: [
        f"8: max_perplexity is 1{'0' * 400}; it must be a number of 0 or more."
    ],
    BASE + "[models.xyz]\npath = 'kn3'\nreserved = 'skip'": [
        f"9: unknown key 'reserved' in models.xyz; it can be: path, texts, mix, spell_unknown, {', '.join(OF_A_MODEL)}."
    ],
    ONE_TEXT + "[gates]\nno_worse_than = 'kn3'": ["8: kn3 is not measured on test, where it is needed."],
    ONE_TEXT + "[[gate]]\nmodel = 'kn3'\ntext = 'test'\nmax_perplexity = 1": [
        "8: model 'kn3' is in no pair of this gate: see the texts of the models.",
        "9: text 'test' is in no pair of this gate: see the texts of the models.",
    ],
    BASE.replace('"kn3"', '{ path = "kn3", normalize = "nfd" }'): [
        "2: normalize is 'nfd'; it must be one of: none, nfc, nfkc (did you mean nfc?).",
    ],
    BASE + '"max" = "a\\u0000b"': ["7: there is no file FOLDER/a\\u0000b (texts.max)."],
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_each_mistake_has_its_message(models: Path, text: str) -> None:
    suite = suite_file(models, text)
    with pytest.raises(DataError) as caught:
        lmkit.read_suite(suite)
    lines = str(caught.value).splitlines()
    expected = [line.replace("FOLDER", str(models)) for line in BROKEN[text]]
    assert lines[1:] == [f"{suite}:{'' if line[0].isdigit() else ' '}{line}" for line in expected]
    number = "1 error" if len(expected) == 1 else f"{len(expected)} errors"
    assert lines[0] == f"{suite} has {number}, and nothing was done."


NO_TOML = {
    b"[models]\nkn3 =\n": "2: this is not TOML: ",
    b"[models]\nkn3 = [1,\n\n": "2: this is not TOML: ",
    b"[models]\n[texts]\n[models]\n": "3: this is not TOML: ",
    b'[models]\nkn3 = "\xff"\n': "2: invalid UTF-8 (byte 0xff).\nTOML is UTF-8 text.",
}


@pytest.mark.parametrize("data", NO_TOML, ids=range(len(NO_TOML)))
def test_what_is_no_toml_is_an_error_with_its_line(lmkit_run: Run, tmp_path: Path, data: bytes) -> None:
    suite = text_file(tmp_path, data)
    result = lmkit_run("evaluate", suite)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"lmkit: {suite}:{NO_TOML[data]}")


def test_a_suite_that_cannot_be_read_is_an_error(lmkit_run: Run, tmp_path: Path) -> None:
    assert lmkit_run("evaluate", tmp_path / "none.toml").err == (
        f"lmkit: cannot read {tmp_path}/none.toml: No such file or directory.\n"
        "Check the name of the file and its permissions.\n"
    )
    assert lmkit_run("evaluate", tmp_path).code == 1
    assert lmkit_run("evaluate").code == 2


def test_a_suite_comes_through_a_pipe_with_paths_from_here(models: Path) -> None:
    suite_file(models, BASE)
    result = run_line("lmkit evaluate - --json < suite.toml", models)
    assert result.returncode == 0, result.stderr.decode()
    assert json.loads(result.stdout)["suite"] == "<stdin>"


LINES = r'''# a comment = 1
title = "a ] # [x]"
[models]
kn5 = "x.s" # c
"q.\u0041" = { path = 'p', texts = ["a", "b"] }
a.b . "c" = 1979-05-27 07:32:00
[texts]
dev = [ # [
  "a", """x
"y" \""" z""""",
 TTTl
TTTQQ,
  { p = [1,
2] }, ]
[[gate]]
x = 1
[[gate]]
x = 2
[gate.sub]
y = 1
[[gate.arr]]
z = 1
[[gate.arr]]
z = 2
'''.replace("TTT", "'''").replace("QQ", "''")


def paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all keys and elements of a TOML value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_of_keys_are_found_whatever_stands_around_them(newline: str) -> None:
    found = lines_of_keys(LINES.replace("\n", newline))
    assert set(found) == set(paths(tomllib.loads(LINES)))
    by_path = {".".join(map(str, path)): line for path, line in found.items()}
    assert by_path == by_path | {
        "title": 2, "models": 3, "models.kn5": 4, "models.q.A": 5, "models.q.A.texts.1": 5, "models.a.b.c": 6,
        "texts.dev": 8, "texts.dev.0": 9, "texts.dev.1": 9, "texts.dev.2": 11, "texts.dev.3.p.0": 13,
        "texts.dev.3.p.1": 14, "gate.0": 15, "gate.0.x": 16, "gate.1": 17, "gate.1.x": 18, "gate.1.sub": 19,
        "gate.1.sub.y": 20, "gate.1.arr.0": 21, "gate.1.arr.1.z": 24,
    }  # fmt: skip


keys = st.sampled_from(["a", "b-1", '"c d"', "'e]'", '"\\u00e9#"', "f"])
atoms = st.sampled_from(
    ["1", "-2.5e3", "true", "inf", '"]"', "'#'", '"\\""', '"""\n[x]\n"""', "'''\n'''''", "1979-05-27", "07:32:00"]
)
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: "[ " + ", # ,\n ".join(found) + " ]"),
        st.dictionaries(keys, inner.filter(lambda value: "\n" not in value), max_size=3).map(
            lambda found: "{ " + ", ".join(f"{key} = {value}" for key, value in found.items()) + " }"
        ),
    ),
    max_leaves=5,
)
entries = st.dictionaries(keys, values, max_size=3).map(
    lambda found: "".join(f"  {key} = {value} # =\n" for key, value in found.items())
)


@given(entries, st.lists(st.tuples(st.integers(0, 2), st.lists(keys, min_size=1, max_size=3), entries), max_size=5))
def test_every_key_of_a_random_toml_text_has_a_line(top: str, tables: list[tuple[int, list[str], str]]) -> None:
    text = top
    for kind, path, inside in tables:
        brackets = min(kind + 1, 2)
        text += f"{'[' * brackets} {' . '.join(path)} {']' * brackets}\n{inside}"
    try:
        expected = set(paths(tomllib.loads(text)))
    except tomllib.TOMLDecodeError:  # a table defined twice
        return
    found = lines_of_keys(text)
    assert set(found) == expected
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


def test_junit_has_a_suite_for_each_text_and_a_case_for_each_gate(lmkit_run: Run, models: Path) -> None:
    odd = r'"<a> & \"b\" ]]> 🙂 é \u0001"'
    suite = suite_file(models, GATED.replace("laplace =", f"{odd} ="))
    result = lmkit_run("evaluate", suite, "--junit", models / "report.xml", "--json")
    assert result.code == 3
    data = (models / "report.xml").read_bytes()
    root = ET.fromstring(data)  # noqa: S314 (our own)
    assert (root.tag, root.get("name")) == ("testsuites", str(suite))
    assert [(each.get("name"), each.get("tests"), each.get("failures"), each.get("errors")) for each in root] == [
        ("test", "6", "2", "0"), ("both", "5", "4", "0"),
    ]  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("11", "6", "0")
    cases = list(root.iter("testcase"))
    assert [(case.get("classname"), case.get("name")) for case in cases[:2]] == [
        ("test.kn3", "max_oov_rate 0.06 (line 8)"), ("test.kn3", "max_perplexity 20 (line 13)"),
    ]  # fmt: skip
    assert cases[4].get("classname") == 'test.<a> & "b" ]]> 🙂 é \ufffd'
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == 11
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "perplexity is 29.24517861, above the limit of 20.", "type": "gate"}
    assert [child.tag for child in cases[0]] == ["properties"]
    found = {each.get("name"): each.get("value") for each in cases[0].iter("property")}
    figures = json.loads(result.out)["pairs"][0]["figures"]
    orders = {f"matched_orders.{order}": str(tokens) for order, tokens in figures.pop("matched_orders").items()}
    own = {"value": str(figures["oov_rate"]), "limit": "0.06"}
    assert found == own | orders | {name: str(value) for name, value in figures.items()}
    lmkit_run("evaluate", suite, "--junit", models / "again.xml", "--workers", 3)
    assert (models / "again.xml").read_bytes() == data


def test_junit_shows_errors_and_pairs_without_gates(lmkit_run: Run, models: Path) -> None:
    text_file(models, b"\xff\n", "bad.txt")
    text = BASE.replace("[texts]", '[texts]\nbad = "bad.txt"')
    text += "[[gate]]\nmodel = 'kn3'\nno_worse_than = 'laplace'\n"
    result = lmkit_run("evaluate", suite_file(models, text), "--junit", models / "report.xml")
    assert result.code == 1
    root = ET.fromstring((models / "report.xml").read_bytes())  # noqa: S314 (our own)
    names = [(case.get("classname"), case.get("name"), case[-1].tag) for case in root.iter("testcase")]
    assert names == [
        ("bad.kn3", "no_worse_than laplace (line 10)", "error"), ("bad.laplace", "measured", "error"),
        ("test.kn3", "no_worse_than laplace (line 10)", "properties"), ("test.laplace", "measured", "properties"),
        ("both.kn3", "no_worse_than laplace (line 10)", "properties"), ("both.laplace", "measured", "properties"),
    ]  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "0", "2")
    messages = [str(error.get("message")) for error in root.iter("error")]
    assert messages[0].startswith(f"kn3 could not be measured on bad. {models}/bad.txt:1: invalid UTF-8")


@pytest.mark.parametrize(("junit", "code"), [("-", 2), ("", 2), ("/missing/folder/report.xml", 1)])
def test_a_report_that_cannot_be_written_is_an_error_before_any_work(
    lmkit_run: Run, models: Path, junit: str, code: int
) -> None:
    result = lmkit_run("evaluate", suite_file(models, BASE), "--junit", junit)
    assert (result.code, result.out) == (code, "")


def test_notes_on_gates_that_pass_are_told_unless_quiet(lmkit_run: Run, models: Path) -> None:
    suite = suite_file(models, COMPARED.format(other="cut", model="other", baseline="kn3", more=""))
    result = lmkit_run("evaluate", suite)
    assert result.code == 0
    assert result.err.startswith(f"lmkit: other on test: no_worse_than ({suite}:8): Compared by bits_per_byte, because")
    assert lmkit_run("evaluate", suite, "--quiet").err == ""


def test_the_exit_codes(lmkit_run: Run, models: Path) -> None:
    suites = {0: BASE, 3: BASE + "[gates]\nmax_perplexity = 1\n", 1: BASE + "[gates]\nmax_ppl = 1\n"}
    assert [lmkit_run("evaluate", suite_file(models, suites[code])).code for code in suites] == list(suites)
    assert lmkit_run("evaluate", suite_file(models, BASE), "--workers", 0).code == 2


def test_the_documentation_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its console examples, one after the other; … stands for further lines. And its Python."""
    text = "".join(
        (ROOT / "docs/topics" / name).read_text(encoding="utf-8") for name in ("evaluate.md", "compare.md", "suites.md")
    )
    shutil.copytree(CORPORA, tmp_path / "corpora")
    (suite,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    text_file(tmp_path, suite, "suite.toml")
    examples = [part for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
                for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]  # fmt: skip
    assert len(examples) == 17
    for example in examples:
        command, _, expected = example.partition("\n")
        result = run_line(command, tmp_path)
        assert result.returncode == (3 if "evaluate" in command else 0), result.stderr.decode()
        printed, narrated = result.stdout.decode().splitlines(), result.stderr.decode().splitlines()
        shown = expected.splitlines()
        if shown[-1:] == ["…"]:
            shown, printed = shown[:-1], printed[: len(shown) - 1 - len(narrated)]
        found = "\n".join(narrated + printed if shown[:1] == narrated[:1] else printed + narrated)
        words, told = found.split(), "\n".join(shown).split()
        assert is_near(" ".join(words), " ".join(told)), words
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    assert isinstance(names["outcome"], Outcome)
    assert names["outcome"].count("fail") == 3


def test_a_text_of_oov_words_only_has_no_perplexity_without_them(models: Path) -> None:
    text_file(models, "zzz yyy\n", "oov.tok")
    suite = COMPARED.format(other="cut", model="kn3", baseline="other", more="max_perplexity_excluding_oov = 1000")
    checks = lmkit.evaluate(suite_file(models, suite.replace("fr.test.tok", "oov.tok"))).checks
    assert [check.status for check in checks][1] == "fail"
    assert checks[1].reason == "perplexity_excluding_oov is undefined: all 2 words of the text are OOV."
