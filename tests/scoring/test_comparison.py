"""Comparing two models: the paired bootstrap, what can be compared, and `lmkit compare`."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lmkit
from benchmarks.levels import false_alarms
from lmkit.cli.output.terminal.tables import aligned
from lmkit.errors import DataError, UsageError
from lmkit.scoring.bootstrap import DRAWS, FEW_SENTENCES, paired_bootstrap
from lmkit.scoring.resampling import TESTS, Test
from tests.conftest import CORPORA, REFERENCE, Result, held_out_text, text_file, train_text
from tests.shell_lines import on_terminal, run_line

Run = Callable[..., Result]
SRILM = REFERENCE / "srilm"


def drawn_one_by_one(sentences: int, samples: int, seed: int) -> list[list[int]]:
    """The sentences of each sample: of the two halves of each raw number, low one first, x · sentences / 2**32."""
    generator = np.random.PCG64(seed)
    found = []
    for _ in range(samples):
        halves: list[int] = []
        while len(halves) < sentences:
            raw = int(generator.random_raw())
            halves += [raw & 0xFFFFFFFF, raw >> 32]
        found.append([half * sentences >> 32 for half in halves[:sentences]])
    return found


@pytest.mark.parametrize("sentences", [2, 3, 8, 61])
def test_the_bootstrap_is_what_drawing_one_by_one_gives(sentences: int) -> None:
    numbers = np.random.PCG64(5).random_raw(2 * sentences).astype(np.float64) / 2**64
    differences, weights = numbers[:sentences] * 4 - 1.5, (numbers[sentences:] * 30).astype(np.int64) + 1
    found = paired_bootstrap(differences, weights, samples=200, seed=7)
    estimate = differences.sum() / weights.sum()
    ratios = sorted(
        math.fsum(differences[draw]) / int(weights[draw].sum()) for draw in drawn_one_by_one(sentences, 200, 7)
    )
    assert (found.low, found.high) == pytest.approx((ratios[5], ratios[-6]), rel=1e-12)  # 2.5 % of 200 are 5
    extreme = sum(abs(ratio - estimate) >= abs(estimate) - 1e-12 for ratio in ratios)
    assert found.p_value == (extreme + 1) / 201


def test_more_sentences_than_are_drawn_at_a_time_change_nothing() -> None:
    sentences = DRAWS + 3
    differences = np.linspace(-1.0, 1.5, sentences)
    weights = np.arange(sentences) % 9 + 1
    found = paired_bootstrap(differences, weights, samples=100, seed=3)
    raw = np.random.PCG64(3).random_raw(100 * ((sentences + 1) // 2)).view(np.uint32).reshape(100, -1)
    draws = (raw[:, :sentences].astype(np.uint64) * np.uint64(sentences) >> np.uint64(32)).astype(np.int64)
    ratios = sorted(differences[draw].sum() / weights[draw].sum() for draw in draws)
    assert (found.low, found.high) == pytest.approx((ratios[2], ratios[-3]), rel=1e-9)


def halves_one_by_one(sentences: int, samples: int, seed: int) -> list[list[int]]:
    """The sentences whose models are swapped in each sample: those with a bit of 1, the lowest bit of a number first."""
    generator = np.random.PCG64(seed)
    found = []
    for _ in range(samples):
        raw = [int(generator.random_raw()) for _ in range(-(-sentences // 64))]
        found.append([place for place in range(sentences) if raw[place // 64] >> place % 64 & 1])
    return found


@pytest.mark.parametrize("sentences", [2, 8, 61, 130])
def test_randomization_is_what_swapping_models_one_by_one_gives(sentences: int) -> None:
    """p: how often the total is as large with some signs turned; 2.5 % of 200 ratios of swapped halves are 5."""
    random = np.random.default_rng(sentences)
    differences, weights = random.normal(0.2, 1, sentences), random.integers(1, 30, sentences)
    found = paired_bootstrap(differences, weights, test="randomization", samples=200, seed=7)
    halves = halves_one_by_one(sentences, 200, 7)
    total = math.fsum(differences)
    extreme = sum(abs(total - 2 * math.fsum(differences[half])) >= abs(total) - 1e-12 for half in halves)
    assert found.p_value == (extreme + 1) / 201
    ends = [
        sorted(math.fsum(differences[half]) / int(weights[half].sum()) if half else empty for half in halves)
        for empty in (-math.inf, math.inf)
    ]
    assert (found.low, found.high) == pytest.approx((ends[0][5], ends[1][-6]), rel=1e-12)


@pytest.mark.parametrize("sentences", [3, 8, 61])
def test_the_bootstrap_t_is_what_standard_errors_of_samples_drawn_one_by_one_give(sentences: int) -> None:
    random = np.random.default_rng(sentences)
    differences, weights = random.normal(0.2, 1, sentences), random.integers(1, 30, sentences)

    def measured(draw: list[int]) -> tuple[float, float]:
        """The ratio of a sample, and its standard error from what is left of each sentence."""
        ratio = differences[draw].sum() / weights[draw].sum()
        left = differences[draw] - ratio * weights[draw]
        return ratio, math.sqrt(sentences / (sentences - 1) * (left @ left)) / weights[draw].sum()

    ratio, error = measured(list(range(sentences)))
    drawn = [(draw, *measured(draw)) for draw in drawn_one_by_one(sentences, 200, 7)]
    t_values = sorted(
        math.copysign(math.inf, shifted - ratio) if len(set(draw)) == 1 else (shifted - ratio) / its_error
        for draw, shifted, its_error in drawn
    )
    found = paired_bootstrap(differences, weights, test="bootstrap-t", samples=200, seed=7)
    if sentences > 3:  # else a sample may be one sentence alone, whose error of 0 is one of rounding
        ends = (ratio - t_values[-6] * error, ratio - t_values[5] * error)
        assert (found.low, found.high) == pytest.approx(ends, rel=1e-9)
    below, above = sum(t <= ratio / error for t in t_values), sum(t >= ratio / error for t in t_values)
    assert found.p_value == pytest.approx(min(1, 2 * (min(below, above) + 1) / 201))


@pytest.mark.parametrize("test", TESTS)
def test_equal_models_have_no_difference_and_constant_ones_a_sure_one(test: Test) -> None:
    weights = np.arange(1, 81)
    none = paired_bootstrap(np.zeros(80), weights, test=test)
    assert (none.low, none.high, none.p_value) == (0, 0, 1)
    sure = paired_bootstrap((0.5 * weights).astype(np.float64), weights, test=test)
    assert (sure.low, sure.high) == (0.5, 0.5)
    assert sure.p_value <= 2 / 1001


@pytest.mark.parametrize(
    ("test", "kind", "sentences", "low", "high"),
    [
        ("bootstrap", "skewed", 10, 0.084, 0.20),  # too many: what the warning is about
        ("bootstrap-t", "skewed", 30, 0.03, 0.08),
        ("bootstrap-t", "normal", 10, 0.02, 0.08),
        ("randomization", "swapped", 10, 0.03, 0.07),
        ("randomization", "normal", 10, 0.03, 0.07),
        ("randomization", "swapped", 30, 0.03, 0.07),
    ],
)
def test_the_level_of_each_test_is_what_the_documentation_says(
    test: Test, kind: str, sentences: int, low: float, high: float
) -> None:
    """400 texts of models that do not differ, seed 1: within about three standard errors, which are 0.011 at 5 %."""
    assert low <= false_alarms(test, kind, sentences, texts=400, samples=199) <= high


def test_a_test_of_another_name_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        paired_bootstrap(np.ones(3), np.ones(3, np.int64), test="t")  # type: ignore[arg-type]
    assert str(caught.value) == "there is no test 't': it can be bootstrap, bootstrap-t, randomization."


def test_few_sentences_are_warned_of() -> None:
    few, enough = np.ones(FEW_SENTENCES - 1, np.int64), np.ones(FEW_SENTENCES, np.int64)
    assert paired_bootstrap(few.astype(np.float64), few).warning == (
        "there are only 49 sentences, fewer than 50: the bootstrap calls too many differences significant. "
        "Take more text, or another test: bootstrap-t or randomization."
    )
    assert paired_bootstrap(few.astype(np.float64), few, test="randomization").warning == (
        "there are only 49 sentences, fewer than 50: where a few of them decide, too many differences are called "
        "significant. Take more text."
    )
    assert paired_bootstrap(enough.astype(np.float64), enough).warning is None


def test_figures_of_a_seed_stay_what_they_are() -> None:
    """Ten sentences of one token each, differences 1 … 10: fixed for all versions of NumPy."""
    values, ones = np.arange(1.0, 11.0), np.ones(10, np.int64)
    assert [paired_bootstrap(values, ones, seed=seed).low for seed in range(4)] == [3.7, 3.7, 3.6, 3.7]
    p_values = [paired_bootstrap(values - 4, ones, seed=seed).p_value for seed in range(4)]
    assert p_values == [104 / 1001, 113 / 1001, 114 / 1001, 114 / 1001]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_change_no_figure(workers: int, test: Test) -> None:
    values = np.sin(np.arange(5000.0))
    weights = np.arange(5000) % 40 + 1
    found, expected = (paired_bootstrap(values, weights, test=test, workers=each) for each in (workers, 3))
    assert found == expected


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """400 synthetic test sets of 80 sentences whose true difference is 0.3 bits a token; and p values where it is 0."""
    random = np.random.default_rng(1)
    covered = rejected = 0
    for seed in range(400):
        weights = random.integers(5, 40, 80)
        noise = random.normal(0, 2.0, 80) * np.sqrt(weights)
        found = paired_bootstrap(0.3 * weights + noise, weights, samples=400, seed=seed)
        covered += found.low <= 0.3 <= found.high
        rejected += paired_bootstrap(noise, weights, samples=400, seed=seed).p_value <= 0.05
    assert 0.91 <= covered / 400 <= 0.98
    assert 0.02 <= rejected / 400 <= 0.09


def test_one_sentence_says_nothing() -> None:
    found = paired_bootstrap(np.array([1.0]), np.array([5]))
    assert [math.isnan(value) for value in (found.low, found.high, found.p_value)] == [True] * 3


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        paired_bootstrap(np.ones(3), np.ones(3, np.int64), samples=99)
    assert str(caught.value) == "99 samples with seed 0: at least 100, and a seed of 0 or more, are needed."


@pytest.fixture(scope="module")
def models() -> dict[str, lmkit.NgramModel]:
    """Models of the French training text, some of which differ in what they predict."""
    text = train_text("fr")
    counts = lmkit.count_ngrams(text, 3)
    lowered = lmkit.count_ngrams(text, 3, settings=lmkit.TextSettings(lowercase=True))
    return {
        "kn": lmkit.kneser_ney(counts),
        "laplace": lmkit.laplace(counts),
        "closed": lmkit.laplace(counts, closed=True),
        "cut": lmkit.kneser_ney(lmkit.count_ngrams(text, 3, cutoff=2)),
        "lowercase": lmkit.laplace(lowered),
        "blank": lmkit.laplace(lmkit.count_ngrams(text, 3, settings=lmkit.TextSettings(blank_lines="sentence"))),
    }


TEST = held_out_text("fr")


def test_both_get_the_figures_that_they_get_alone(models: dict[str, lmkit.NgramModel]) -> None:
    result = lmkit.compare(models["kn"], models["laplace"], TEST)
    assert result.a == lmkit.perplexity(models["kn"], TEST)
    assert result.b == lmkit.perplexity(models["laplace"], TEST)
    assert (result.comparable, result.reasons, result.over) == (True, (), "tokens")


def test_differences_are_those_of_b_from_a(models: dict[str, lmkit.NgramModel]) -> None:
    result = lmkit.compare(models["kn"], models["laplace"], TEST)
    a, b, found = result.a, result.b, result.differences()
    assert found["cross_entropy_bits"] == b.cross_entropy_bits - a.cross_entropy_bits > 0
    assert found["log10_prob_per_token"] == pytest.approx((b.log10_prob - a.log10_prob) / a.tokens, rel=1e-12)
    assert found["perplexity_ratio"] == pytest.approx(b.perplexity / a.perplexity, rel=1e-12)
    assert found["perplexity_excluding_oov_ratio"] == pytest.approx(
        b.perplexity_excluding_oov / a.perplexity_excluding_oov, rel=1e-12
    )
    assert found["bits_per_byte"] == b.bits_per_byte - a.bits_per_byte
    assert found["word_perplexity_ratio"] == pytest.approx(b.word_perplexity / a.word_perplexity, rel=1e-12)


def test_the_interval_is_that_of_resampled_sentences(models: dict[str, lmkit.NgramModel]) -> None:
    result = lmkit.compare(models["kn"], models["laplace"], TEST, samples=300, seed=4)
    lines = TEST.read_text(encoding="utf-8").splitlines()
    bits = np.array(
        [
            [-sum(score.log10_prob for score in lmkit.score_sentence(models[name], line)) for name in ("kn", "laplace")]
            for line in lines
        ]
    ) / math.log10(2)
    tokens = np.array([len(line.split()) + 1 for line in lines])
    ratios = sorted(
        (bits[draw, 1] - bits[draw, 0]).sum() / tokens[draw].sum() for draw in drawn_one_by_one(len(lines), 300, 4)
    )
    assert result.bootstrap is not None
    assert (result.bootstrap.low, result.bootstrap.high) == pytest.approx((ratios[7], ratios[-8]), rel=1e-9)
    values = result.as_dict()["bootstrap"]
    assert (values["figure"], values["ratio_figure"]) == ("cross_entropy_bits", "perplexity_ratio")
    assert values["ratio_low"] == pytest.approx(2 ** ratios[7], rel=1e-9)
    assert (values["sentences"], values["samples"], values["seed"]) == (61, 300, 4)


@pytest.mark.parametrize("pair", [("kn", "laplace"), ("kn", "cut"), ("cut", "lowercase")])
def test_comparing_the_other_way_round_turns_every_sign(
    models: dict[str, lmkit.NgramModel], pair: tuple[str, str]
) -> None:
    there, back = (
        lmkit.compare(models[pair[0]], models[pair[1]], TEST),
        lmkit.compare(models[pair[1]], models[pair[0]], TEST),
    )
    assert (there.a, there.b) == (back.b, back.a)
    one, other = there.bootstrap, back.bootstrap
    assert one is not None
    assert other is not None
    assert (one.low, one.high, one.p_value) == (-other.high, -other.low, other.p_value)
    for name, value in there.differences().items():
        expected = 1 / back.differences()[name] if name.endswith("ratio") else -back.differences()[name]
        assert value == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_a_model_does_not_differ_from_itself(models: dict[str, lmkit.NgramModel]) -> None:
    result = lmkit.compare(models["kn"], models["kn"], TEST)
    assert set(result.differences().values()) == {0.0, 1.0}
    assert result.bootstrap is not None
    assert (result.bootstrap.low, result.bootstrap.high, result.bootstrap.p_value) == (0, 0, 1)


def test_figures_do_not_depend_on_threads(models: dict[str, lmkit.NgramModel]) -> None:
    one, two = (
        lmkit.compare(models["kn"], models["cut"], TEST, resources=lmkit.Resources(workers=workers))
        for workers in (1, 4)
    )
    assert one == two


@pytest.mark.parametrize(
    ("a", "b", "reasons"),
    [
        ("kn", "cut", ["the vocabularies differ (429 words only in a, 0 only in b)"]),
        ("kn", "closed", ["the vocabulary of b is closed (no <unk>), the other open"]),
        ("closed", "kn", ["the vocabulary of a is closed (no <unk>), the other open"]),
        ("laplace", "lowercase", ["lowercase is no in a and yes in b"]),
        ("laplace", "blank", []),
    ],
)
def test_what_makes_perplexities_incomparable(
    models: dict[str, lmkit.NgramModel], a: str, b: str, reasons: list[str]
) -> None:
    result = lmkit.compare(models[a], models[b], TEST)
    assert list(result.reasons) == reasons
    assert result.as_dict()["comparable"] is (not reasons)
    assert (result.over == "bytes") is bool(reasons)
    assert math.isnan(result.differences()["perplexity_ratio"]) is bool(reasons)


def test_scores_that_are_no_probabilities_are_not_comparable(models: dict[str, lmkit.NgramModel]) -> None:
    backoff = replace(
        models["kn"],
        details=models["kn"].details | {"smoothing": "stupid-backoff"},
        traits=replace(models["kn"].traits, is_distribution=False),
    )
    assert lmkit.compare(models["kn"], backoff, TEST).reasons == (
        "the scores of b are no probabilities (stupid-backoff), and none of its figures compare",
    )


def test_words_in_another_order_are_the_same_vocabulary(models: dict[str, lmkit.NgramModel]) -> None:
    lines = train_text("fr").read_bytes().splitlines(keepends=True)
    turned = lmkit.kneser_ney(lmkit.count_ngrams(io.BytesIO(b"".join(reversed(lines))), 3))
    assert not turned.vocabulary.same_as(models["kn"].vocabulary)
    assert lmkit.compare(models["kn"], turned, TEST).comparable


def test_blank_lines_read_as_sentences_by_one_model_only_are_not_comparable(
    models: dict[str, lmkit.NgramModel],
) -> None:
    """Line 2 is a sentence for b only; its byte belongs to line 3 for a, and line 4, the last, to that, too."""
    text = b"le chat dort .\n\nla pluie tombe .\n\n"
    result = lmkit.compare(models["laplace"], models["blank"], io.BytesIO(text))
    assert result.reasons == ("a scored 10 tokens in 2 sentences, b 12 in 4",)
    assert result.bootstrap is not None
    assert result.bootstrap.sentences == 4
    assert result.bits == pytest.approx(
        (result.a.log10_prob - result.b.log10_prob) / math.log10(2) / len(text), rel=1e-12
    )


def test_where_no_tokens_are_the_same_total_bits_are_resampled(models: dict[str, lmkit.NgramModel]) -> None:
    """Per byte of the drawn lines, the blank line before one included."""
    lines = ["le chat dort .\n", "\n\u00e9t\u00e9\n", "la pluie tombe sur la ville .\n", "le zèbre\n\n"]
    result = lmkit.compare(models["kn"], models["cut"], io.BytesIO("".join(lines).encode()), samples=100)
    bits = [
        [-sum(score.log10_prob for score in lmkit.score_sentence(models[name], line.strip())) for name in ("kn", "cut")]
        for line in lines
    ]
    differences = [(b - a) / math.log10(2) for a, b in bits]
    sizes = [len(line.encode()) for line in lines]
    ratios = sorted(
        sum(differences[place] for place in draw) / sum(sizes[place] for place in draw)
        for draw in drawn_one_by_one(4, 100, 0)
    )
    assert result.bootstrap is not None
    assert (result.bootstrap.low, result.bootstrap.high) == pytest.approx((ratios[2], ratios[-3]), rel=1e-9)
    assert result.bits == pytest.approx(result.b.bits_per_byte - result.a.bits_per_byte)


def test_closed_models_of_one_vocabulary_are_compared_on_known_tokens() -> None:
    a, b = (
        lmkit.load(SRILM / "fr.mkn_nounk.o3.arpa.gz"),
        lmkit.laplace(lmkit.count_ngrams(train_text("fr")), closed=True),
    )
    result = lmkit.compare(a, b, TEST)
    assert (result.a.perplexity, result.b.perplexity) == (math.inf, math.inf)
    assert (result.comparable, result.over) == (True, "known_tokens")
    found = result.as_dict()
    ratio = result.b.perplexity_excluding_oov / result.a.perplexity_excluding_oov
    assert found["difference"]["perplexity_excluding_oov_ratio"] == pytest.approx(ratio)
    assert found["difference"]["perplexity_ratio"] is None
    assert found["bootstrap"]["ratio_low"] < found["bootstrap"]["ratio"] == pytest.approx(ratio)


def test_an_impossible_token_leaves_no_interval(models: dict[str, lmkit.NgramModel]) -> None:
    result = lmkit.compare(models["kn"], lmkit.count_ngrams(train_text("fr"), 3), TEST)
    assert result.bootstrap is None
    assert result.differences()["cross_entropy_bits"] == math.inf
    assert result.as_dict()["difference"]["cross_entropy_bits"] is None
    json.dumps(result.as_dict(), allow_nan=False)


def test_an_empty_text_is_an_error(models: dict[str, lmkit.NgramModel]) -> None:
    with pytest.raises(DataError, match="there is no sentence in the text"):
        lmkit.compare(models["kn"], models["cut"], io.BytesIO(b"\n"))


@pytest.fixture
def folder(tmp_path: Path, models: dict[str, lmkit.NgramModel]) -> Path:
    """The models in files."""
    for name, model in models.items():
        lmkit.save(model, tmp_path / name)
    return tmp_path


OOV_NOTE = (
    "lmkit: OOV words (a: 38, b: {}) cost p(<unk>), and nothing for their letters: "
    "figures per word, byte or character flatter the model; --spell-unknown charges these, too.\n"
)


def test_compare_prints_a_table_with_what_can_be_compared_first(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("compare", folder / "kn", folder / "laplace", TEST)
    assert (result.code, result.err) == (0, OOV_NOTE.format(38))
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert [row[0] for row in rows[:8]] == [
        "figure", "model", "comparable", "p_value",
        "perplexity", "perplexity_ratio", "perplexity_excluding_oov", "perplexity_excluding_oov_ratio",
    ]  # fmt: skip
    assert rows[0] == ["figure", "a", "b", "difference", "low", "high"]
    assert rows[2][1:] == ["", "", "yes", "", ""]
    table = {row[0]: row[1:] for row in rows}
    assert table["perplexity"][0] == "29.24517861"
    assert all(table["cross_entropy_bits"])
    assert table["signature"][0].startswith("order:3|smoothing:modified-kneser-ney|")
    result = lmkit_run("compare", folder / "kn", folder / "cut", TEST)
    assert result.err == (
        "lmkit: the perplexities cannot be compared: the vocabularies differ (429 words only in a, 0 only in b). "
        "Compare bits per byte or character, or word perplexity.\n" + OOV_NOTE.format(81)
    )
    names = [line.split("\t")[0] for line in result.out.splitlines()]
    assert names[2:7] == ["comparable", "p_value", "bits_per_byte", "byte_perplexity", "byte_perplexity_ratio"]
    assert names.index("word_perplexity") < names.index("perplexity")


def test_compare_as_json(lmkit_run: Run, folder: Path) -> None:
    line = lmkit_run("compare", folder / "kn", folder / "cut", TEST, "--json", "--quiet", "--samples", 200, "--seed", 9)
    assert line.err == ""
    found = json.loads(line.out)
    assert list(found) == ["comparable", "reasons", "a", "b", "difference", "bootstrap"]
    alone = json.loads(lmkit_run("perplexity", folder / "cut", TEST, "--json").out)
    assert found["b"] == {"model": str(folder / "cut")} | alone
    assert (found["comparable"], found["difference"]["perplexity_ratio"]) == (False, None)
    assert (found["bootstrap"]["figure"], found["bootstrap"]["samples"], found["bootstrap"]["seed"]) == (
        "bits_per_byte", 200, 9,
    )  # fmt: skip


@pytest.mark.parametrize("test", TESTS)
def test_the_test_can_be_chosen_and_few_sentences_are_told(lmkit_run: Run, folder: Path, test: Test) -> None:
    few = text_file(folder, "".join(TEST.read_text(encoding="utf-8").splitlines(keepends=True)[:10]), "few.tok")
    line = lmkit_run("compare", folder / "kn", folder / "laplace", few, "--json", "--test", test)
    found = json.loads(line.out)["bootstrap"]
    assert (found["test"], found["sentences"]) == (test, 10)
    assert found["warning"].startswith("there are only 10 sentences, fewer than 50: ")
    assert f"lmkit: {found['warning']}\n" in line.err
    assert found["low"] < found["difference"] < found["high"]
    whole = lmkit_run("compare", folder / "kn", folder / "laplace", TEST, "--json", "--test", test)
    assert json.loads(whole.out)["bootstrap"]["warning"] is None
    assert "only" not in whole.err


def test_strict_refuses_what_cannot_be_compared(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("compare", "--strict", folder / "kn", folder / "cut", TEST)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "lmkit: the perplexities of the two models cannot be compared: "
        "the vocabularies differ (429 words only in a, 0 only in b).\n"
        "Without --strict, figures that do not depend on the tokens are compared.\n"
    )
    blank = text_file(folder, "le chat\n\n")
    result = lmkit_run("compare", "--strict", folder / "laplace", folder / "blank", blank)
    assert (result.code, result.out) == (1, "")
    assert "a scored 3 tokens in 1 sentences, b 4 in 2" in result.err
    assert lmkit_run("compare", "--strict", folder / "kn", folder / "laplace", TEST).code == 0


def test_notes_say_why_there_is_no_interval(lmkit_run: Run, folder: Path) -> None:
    lmkit.save(lmkit.count_ngrams(train_text("fr"), 3), folder / "counts")
    known = text_file(folder, "de la\n")
    assert lmkit_run("compare", folder / "kn", folder / "counts", known).err == (
        "lmkit: no interval: some tokens have probability 0 under b.\n"
    )
    assert lmkit_run("compare", folder / "kn", folder / "laplace", known).err == (
        "lmkit: no interval: there is but one sentence to draw from.\n"
    )
    lines = lmkit_run("compare", folder / "closed", folder / "closed", TEST).err.splitlines()
    assert lines == ["lmkit: OOV tokens have probability 0 under both models: the difference is that of known tokens."]


def test_text_comes_from_standard_input_and_models_through_pipes(folder: Path) -> None:
    kn, other = folder / "kn", folder / "laplace"
    line = run_line(f"lmkit compare {kn} {other} --json --quiet < {TEST}")
    assert line.returncode == 0, line.stderr.decode()
    piped = run_line(f"lmkit compare - {other} {TEST} --json --quiet < {kn}")
    assert json.loads(piped.stdout)["difference"] == json.loads(line.stdout)["difference"]
    assert run_line(f"lmkit compare - - {TEST} < {kn}").stderr == (
        b"lmkit: both models would be read from standard input.\nName a file for one of them.\n"
    )
    assert run_line(f"lmkit compare {kn} - < {kn}").returncode == 2


def test_a_table_on_a_terminal_has_aligned_columns(folder: Path) -> None:
    lines = on_terminal("compare", "--quiet", folder / "kn", folder / "laplace", TEST).splitlines()
    header, row = (line for line in lines if line.startswith(("figure ", "perplexity ")))
    assert row.index("29.245") == header.index(" a ") + 1
    assert [line for line in lines if "\t" in line] == []
    table = aligned([["figure", "a", "b"], ["日本", "1.5", "x" * 50], ["e\u0301te", "10", "y"]])
    assert table == ["figure  a    b", "日本    1.5  " + "x" * 50, "e\u0301te     10   y"]


def test_compare_refuses_few_samples_and_no_model(lmkit_run: Run, folder: Path) -> None:
    assert lmkit_run("compare", folder / "kn", folder / "cut", TEST, "--samples", 5).code == 2
    assert lmkit_run("compare", folder / "kn", CORPORA / "toy.tok", TEST).code == 1
