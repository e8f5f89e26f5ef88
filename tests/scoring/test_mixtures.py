"""Mixtures of models: SRILM's figures, the exact optimum of their weights, and distributions over the union of their words."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.mixing import build_mixture
from lmkit.scoring.mixture import mixture
from lmkit.scoring.tuning import tune_weights
from tests.conftest import LANGUAGES, REFERENCE, Run, held_out_text, train_text
from tests.reference.test_reference_figures import EXACT, SRILM


def halves(language: str, **options: Any) -> list[lmkit.NgramModel]:
    """Models of the two halves of the training text."""
    lines = train_text(language).read_bytes().splitlines(keepends=True)
    texts = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    return [
        lmkit.kneser_ney(lmkit.count_ngrams(io.BytesIO(b"".join(text)), 3, **options), precision="double")
        for text in texts
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tuning_tells_the_perplexity_of_each_model_alone_over_the_words_of_all(language: str) -> None:
    models = halves(language)  # each lacks words of the other
    tuned = tune_weights(models, held_out_text(language))
    nearly_alone = [(1 - 1e-12, 1e-12), (1e-12, 1 - 1e-12)]
    expected = [lmkit.perplexity(mixture(models, weights), held_out_text(language)) for weights in nearly_alone]
    assert tuned.alone == pytest.approx([figures.perplexity for figures in expected], rel=1e-7)
    assert tuned.perplexity < min(tuned.alone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mixture_of_two_halves_is_exact(language: str) -> None:
    expected = EXACT[language]["mixture_of_two_halves"]["exact"]
    models = halves(language, vocabulary=lmkit.count_ngrams(train_text(language), 1).vocabulary)
    measured = [lmkit.perplexity(model, held_out_text(language)).perplexity for model in models]
    measured.append(lmkit.perplexity(mixture(models), held_out_text(language)).perplexity)
    assert measured == pytest.approx([expected["ppl_A"], expected["ppl_B"], expected["ppl_mix_0.5"]], rel=1e-10)
    tuned = tune_weights(models, held_out_text(language))
    assert tuned.weights[0] == pytest.approx(expected["em_optimum_lambda_A"], abs=1e-7)
    assert tuned.perplexity == pytest.approx(expected["em_optimum_ppl"], rel=1e-10)
    best = mixture(models, tuned.weights)
    assert lmkit.perplexity(best, held_out_text(language)).perplexity == pytest.approx(
        expected["em_optimum_ppl"], rel=1e-10
    )
    theirs = EXACT[language]["mixture_of_two_halves"]["srilm"]["compute-best-mix_precision_1e-8"]
    assert list(tuned.weights) == pytest.approx(theirs, abs=1e-5)
    built = lmkit.perplexity(build_mixture(mixture(models)), held_out_text(language)).perplexity
    assert built == pytest.approx(EXACT[language]["mixture_of_two_halves"]["srilm"]["mix_0.5_static"]["ppl"], rel=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "orders", "weights"),
    [
        ("o3_o1_half", (3, 1), None),
        ("o3_o2_half", (3, 2), None),
        ("o3_0.5_o2_0.25_o1_0.25", (3, 2, 1), [0.5, 0.25, 0.25]),
    ],
)
def test_mixtures_of_arpa_files_have_srilms_perplexity(
    language: str, name: str, orders: tuple[int, ...], weights: list[float] | None
) -> None:
    models = [lmkit.load_model(REFERENCE / "srilm" / f"{language}.mkn_unk.o{order}.arpa.gz") for order in orders]
    expected = SRILM[language]["mixture"][name]
    mixed = mixture(models, weights)
    by_word, built = (
        lmkit.perplexity(model, held_out_text(language)).perplexity for model in (mixed, build_mixture(mixed))
    )
    assert by_word == pytest.approx(expected["dynamic_word_by_word_-bayes_0"]["test"]["ppl"], rel=1e-6)
    assert built == pytest.approx(expected["static_merged_model"]["test"]["ppl"], rel=1e-6)


SENTENCES = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=6)


@settings(deadline=None)
@given(SENTENCES, SENTENCES, st.integers(1, 3), st.integers(1, 3), st.booleans(), st.floats(0.01, 0.99))
def test_mixtures_sum_to_one_over_the_words_of_all_models(
    first: list[str], second: list[str], order: int, other_order: int, closed: bool, weight: float
) -> None:
    models = [
        lmkit.witten_bell(
            lmkit.count_ngrams(io.BytesIO("\n".join(text).encode()), k), closed=closed, precision="double"
        )
        for text, k in ((first, order), (second, other_order))
    ]
    mixed = mixture(models, [weight, 1 - weight])
    built = build_mixture(mixed)
    words = [word.decode() for word in mixed.vocabulary.words]
    assert set(words) == {word.decode() for model in models for word in model.vocabulary.words}
    for history in ["", "<s>", *(" ".join(text[0].split()[:k]) for text in (first, second) for k in (1, 2))]:
        assert (10.0 ** lmkit.conditional_log10_probs(built, history)).sum() == pytest.approx(1.0, abs=1e-9)
    # Word by word: every word of the union as the only word of a sentence, with its history <s>.
    text = io.BytesIO("".join(f"{word}\n" for word in words[3:]).encode())
    (scored,) = lmkit.score_text(mixed, text)
    starts = np.concatenate(([0], scored.scores.ends[:-1]))
    total = (10.0 ** scored.scores.log10_probs[starts]).sum()
    (empty,) = lmkit.score_text(mixed, io.BytesIO(b"\n"), settings=lmkit.TextSettings(blank_lines="sentence"))
    total += 10.0 ** empty.scores.log10_probs[0]  # </s> after <s>
    (unknown,) = lmkit.score_text(mixed, io.BytesIO(b"zzz\n"))
    total += 10.0 ** unknown.scores.log10_probs[0]
    assert total == pytest.approx(1.0, abs=1e-9)


def test_a_word_that_a_model_lacks_has_a_share_of_its_unknown_word() -> None:
    one, other = (
        lmkit.laplace(lmkit.count_ngrams(io.BytesIO(text), 1), precision="double") for text in (b"a b\n", b"a c d\n")
    )
    built = build_mixture(mixture([one, other], [0.25, 0.75]))
    # one: a, b, </s>: 2/7 each, <unk> 1/7, a third of it for c, d and <unk>; other: a, c, d, </s>: 2/9 each, <unk> 1/9.
    probs = {word: lmkit.probability(built, word) for word in ("a", "b", "c", "</s>", "zzz")}
    assert probs == pytest.approx({
        "a": 0.25 * 2 / 7 + 0.75 * 2 / 9,
        "b": 0.25 * 2 / 7 + 0.75 * 1 / 18,
        "c": 0.25 * 1 / 21 + 0.75 * 2 / 9,
        "</s>": 0.25 * 2 / 7 + 0.75 * 2 / 9,
        "zzz": 0.25 * 1 / 21 + 0.75 * 1 / 18,
    })  # fmt: skip


def test_the_weight_of_a_model_that_adds_nothing_goes_to_zero() -> None:
    """Mixing orders of one model is degenerate: the highest takes all (as the note on SRILM's figures says)."""
    models = [lmkit.load_model(REFERENCE / "srilm" / f"fr.mkn_unk.o{order}.arpa.gz") for order in (3, 1)]
    tuned = tune_weights(models, held_out_text("fr"))
    assert tuned.weights[0] == pytest.approx(1.0, abs=1e-6)
    assert tuned.perplexity == pytest.approx(29.24511, rel=1e-6)


def model_of(text: bytes = b"a b\n", **options: Any) -> lmkit.NgramModel:
    """A small model."""
    return lmkit.witten_bell(lmkit.count_ngrams(io.BytesIO(text), 2, settings=lmkit.TextSettings(**options)))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5], "there are 2 models and 1 weights."),
        ([0.5, 0.6], "the weights 0.5 0.6 sum to 1.1; they must be above 0 and sum to 1."),
        ([1.5, -0.5], "the weights 1.5 -0.5 sum to 1; they must be above 0 and sum to 1."),
    ],
)
def test_weights_that_are_none_are_refused(weights: list[float], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        mixture([model_of(), model_of()], weights)
    assert str(refused.value) == message


def test_models_of_different_words_are_not_mixed() -> None:
    with pytest.raises(DataError) as refused:
        mixture([model_of(), model_of(lowercase=True)])
    assert str(refused.value) == (
        "models 1 and 2 are about different words: lowercase no and yes.\nTrain both with the same options."
    )
    counts = lmkit.count_ngrams(io.BytesIO(b"a b\n"), 2)
    with pytest.raises(DataError, match=r"^models of an open and of a closed vocabulary cannot be mixed"):
        mixture([model_of(), lmkit.witten_bell(counts, closed=True)])
    with pytest.raises(DataError, match=r"^model 2 is stupid backoff"):
        mixture([model_of(), lmkit.stupid_backoff(counts)])
    with pytest.raises(
        DataError, match=r"^model 1 is counts, or maximum likelihood, which knows nothing after unseen histories"
    ):
        mixture([lmkit.maximum_likelihood(counts), model_of()])
    with pytest.raises(UsageError, match=r"^a mixture has two models or more\.$"):
        mixture([model_of()])


@pytest.fixture
def two_files(tmp_path: Path) -> tuple[Path, Path]:
    """Model files of the two halves of the French text, one of them ARPA."""
    first, second = halves("fr")
    lmkit.save(first, tmp_path / "a.safetensors")
    lmkit.save(second, tmp_path / "b.arpa.gz")
    return tmp_path / "a.safetensors", tmp_path / "b.arpa.gz"


def test_mixing_on_the_command_line(lmkit_run: Run, tmp_path: Path, two_files: tuple[Path, Path]) -> None:
    one, other = two_files
    text = held_out_text("fr")
    tuned = lmkit_run("ngram", "mix", one, other, "--held-out", text, "-o", tmp_path / "m")
    assert tuned.code == 0
    weights = [float(word) for word in tuned.err.split(";")[0].split()[-2:]]
    assert sum(weights) == pytest.approx(1, abs=1e-5)
    figures = json.loads(lmkit_run("perplexity", one, text, "--mix", f"{other}:{weights[1]}", "--json").out)
    assert figures["perplexity"] == pytest.approx(float(tuned.err.splitlines()[0].split()[-1]), rel=1e-5)
    assert "|smoothing:mixture|vocabulary:open|mixture:" in figures["signature"]
    built = json.loads(lmkit_run("perplexity", tmp_path / "m", text, "--json").out)
    assert built["perplexity"] == pytest.approx(figures["perplexity"], rel=0.01)  # built, it is close, and not the same
    by_token = lmkit_run("perplexity", one, text, "--mix", other, "--by", "token", "--json").out.splitlines()
    equal = json.loads(lmkit_run("perplexity", one, text, "--mix", other, "--json").out)
    assert sum(json.loads(line)["log10_prob"] for line in by_token) == pytest.approx(equal["log10_prob"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--weight", "0.5,x"], 2, "lmkit: --weight x is no number.\nWrite it as 0.5.\n"),
        (
            ["--weight", "0.5,0.5", "--held-out", "x"],
            2,
            "lmkit: --weight makes no sense with --held-out, which is there to find them.\n",
        ),
    ],
)
def test_options_of_mix_that_do_not_fit(
    lmkit_run: Run, tmp_path: Path, two_files: tuple[Path, Path], arguments: list[str], code: int, message: str
) -> None:
    result = lmkit_run("ngram", "mix", *two_files, *arguments, "-o", tmp_path / "m")
    assert (result.code, result.err) == (code, message)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("weight", ["²", "1e-3", "-0.3", "nan"])
def test_weights_of_a_mixture_in_words(lmkit_run: Run, two_files: tuple[Path, Path], weight: str) -> None:
    one, other = two_files
    result = lmkit_run("perplexity", one, held_out_text("fr"), "--mix", f"{other}:{weight}", "--json")
    expected = {
        "²": "cannot read",
        "1e-3": "",
        "-0.3": "'-0.3' is no weight: it must be a number above 0 and below 1.",
        "nan": "'nan' is no weight: it must be a number above 0 and below 1.",
    }
    assert expected[weight] in result.err
    assert result.code == {"²": 1, "1e-3": 0}.get(weight, 2)


def test_an_empty_text_tunes_nothing(lmkit_run: Run, tmp_path: Path, two_files: tuple[Path, Path]) -> None:
    (tmp_path / "empty").write_bytes(b"")
    result = lmkit_run("ngram", "mix", *two_files, "--held-out", tmp_path / "empty", "-o", tmp_path / "m")
    assert (result.code, result.err) == (
        1,
        "lmkit: the text to tune the weights on has no sentence.\nGive a development text that no model was trained on.\n",
    )
