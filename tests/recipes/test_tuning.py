"""`lmkit ngram mix --held-out`: weights, and sizes of caches, with each component beside the mixture."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.recipes.opening import SIZES
from lmkit.scoring.tuning import tune_choice
from tests.conftest import Run


def repeated(period: int, words: int) -> bytes:
    """A text that says as many different words over and over, in order, so that a cache of fewer words never helps, and a larger one less."""
    said = [f"w{number % period}" for number in range(words)]
    return "\n".join(" ".join(said[start : start + 50]) for start in range(0, words, 50)).encode() + b"\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> lmkit.NgramModel:
    """An add-one model of single words, 2,500 of them; it is in m.safetensors of the working directory."""
    monkeypatch.chdir(tmp_path)
    made = lmkit.laplace(lmkit.count_ngrams(io.BytesIO(repeated(2500, 5000)), 1), precision="double")
    lmkit.save(made, "m.safetensors")
    return made


@pytest.mark.filterwarnings("ignore:.*the text looks shuffled")  # words come again at one distance alone
@pytest.mark.parametrize(("period", "best"), [(450, 500), (950, 1000), (1900, 2000)])
def test_the_size_under_which_the_text_is_most_probable_is_found(
    model: lmkit.NgramModel, lmkit_run: Run, period: int, best: int
) -> None:
    Path("dev").write_bytes(repeated(period, 10_000))
    tuned = lmkit_run("ngram", "mix", "m.safetensors", "cache", "--held-out", "dev", "-o", "m.recipe.json")
    assert tuned.code == 0
    components = json.loads(Path("m.recipe.json").read_text(encoding="utf-8"))["components"]
    assert components[1]["cache"] == best
    assert [line.split()[0] for line in tuned.err.splitlines()].count(f"cache:{best}") == 1
    mixtures = [
        lmkit.tune_weights([model, lmkit.CacheModel(model.vocabulary, size, 0.0, model.settings)], "dev")
        for size in SIZES
    ]
    perplexities = [each.perplexity for each in mixtures]
    assert SIZES[int(np.argmin(perplexities))] == best
    assert [each["weight"] for each in components] == list(mixtures[SIZES.index(best)].weights)
    mixed = lmkit.perplexity(lmkit.load("m.recipe.json"), "dev")
    assert mixed.perplexity == pytest.approx(min(perplexities), rel=1e-9)


def test_a_size_that_is_named_stays(model: lmkit.NgramModel, lmkit_run: Run) -> None:
    Path("dev").write_bytes(repeated(100, 2000))
    lmkit_run("ngram", "mix", "m.safetensors", "cache:77", "--decay", 0.25, "--held-out", "dev", "-o", "m.recipe.json")
    cache = json.loads(Path("m.recipe.json").read_text(encoding="utf-8"))["components"][1]
    assert (cache["cache"], cache["decay"], model.order) == (77, 0.25, 1)


def test_each_component_stands_beside_the_mixture_on_the_same_tokens(lmkit_run: Run, model: lmkit.NgramModel) -> None:
    Path("dev").write_bytes(b"w1 w1 zzz w1\n")
    tuned = lmkit_run(
        "ngram", "mix", "m.safetensors", "cache:9", "uniform", "--held-out", "dev", "-o", "m.recipe.json", "--json"
    )
    found = json.loads(tuned.out)
    assert (found["text"], found["tokens"], found["oov"], found["left_out"]) == ("dev", 5, 1, 0)
    first, cache, uniform = found["components"]
    alone = lmkit.perplexity(model, "dev")
    assert first["perplexity"] == pytest.approx(alone.perplexity)
    assert first["perplexity_excluding_oov"] == pytest.approx(alone.perplexity_excluding_oov)
    assert (uniform["perplexity"], uniform["perplexity_excluding_oov"]) == pytest.approx((2502, 2502))
    assert (cache["perplexity"], cache["impossible"]) == (None, 2)  # zzz, which is never in it, and </s>
    mixed = lmkit.perplexity(lmkit.load("m.recipe.json"), "dev")
    assert found["perplexity"] == pytest.approx(mixed.perplexity, rel=1e-6)
    assert found["perplexity_excluding_oov"] == pytest.approx(mixed.perplexity_excluding_oov, rel=1e-6)
    assert sum(each["weight"] for each in found["components"]) == pytest.approx(1)
    told = lmkit_run(
        "ngram", "mix", "m.safetensors", "cache:9", "uniform", "--held-out", "dev", "-o", "m.recipe.json"
    ).err
    lines = told.splitlines()
    assert lines[1] == "lmkit: each component alone, and all together, over the words of all: 5 tokens, 1 of them OOV"
    assert lines[2].split() == ["component", "weight", "perplexity", "excluding", "OOV", "impossible", "tokens"]
    assert lines[4].split()[2:] == ["inf", "inf", "2"]
    assert lines[6].split()[1:] == ["1", f"{found['perplexity']:.7g}", f"{found['perplexity_excluding_oov']:.7g}", "0"]
    quiet = lmkit_run("ngram", "mix", "-q", "m.safetensors", "cache:9", "--held-out", "dev", "-o", "m.recipe.json")
    assert quiet.err == ""


def test_figures_as_json_leave_standard_output_to_the_recipe(lmkit_run: Run, model: lmkit.NgramModel) -> None:
    Path("dev").write_bytes(b"w1 w1 w1\n")
    tuned = lmkit_run("ngram", "mix", "m.safetensors", "cache:9", "--held-out", "dev", "--json")
    assert json.loads(tuned.out)["components"][0]["method"] == model.method
    assert json.loads(tuned.err)["tokens"] == 4


def test_tokens_that_no_component_predicts_are_told_and_left_out(lmkit_run: Run, tmp_path: Path) -> None:
    """Of `a zzz`, closed models predict a and </s> alone."""
    model = lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"a\n"), 1), closed=True)
    lmkit.save(model, tmp_path / "closed.safetensors")
    (tmp_path / "dev").write_bytes(b"a zzz\n")
    made = ("ngram", "mix", tmp_path / "closed.safetensors", "uniform", "--held-out", tmp_path / "dev")
    told = lmkit_run(*made, "-o", tmp_path / "x.recipe.json").err.splitlines()
    assert told[1].endswith("over the words of all: 2 tokens, 0 of them OOV")
    assert "lmkit: left out, as no component gives them a probability: 1 of 3 tokens." in told


def test_of_several_candidates_the_best_together_are_chosen(model: lmkit.NgramModel) -> None:
    caches = [lmkit.CacheModel(model.vocabulary, size, 0.0, model.settings) for size in (3, 40, 90)]
    text = repeated(30, 600)
    found = tune_choice([[model], caches, [caches[0]]], io.BytesIO(text))
    assert found.models[0] is model
    assert found.models[1] is caches[1]  # 30 words and, after 50, </s>
    assert found.models[2] is caches[0]
    assert found.tuned.perplexity == lmkit.tune_weights([model, caches[1], caches[0]], io.BytesIO(text)).perplexity


def test_weights_by_bucket_and_a_cache_of_the_best_size_go_into_one_recipe(
    lmkit_run: Run, model: lmkit.NgramModel
) -> None:
    Path("dev").write_bytes(repeated(450, 3000) + b"zzz w1 w2\nw1 zzz\n")
    counts = lmkit.count_ngrams("dev", 2, vocabulary=model.vocabulary)
    lmkit.save(lmkit.witten_bell(counts), "two.safetensors")
    made = lmkit_run(
        *("ngram", "mix", "two.safetensors", "cache", "uniform", "--held-out", "dev", "--weights-by", "oov"),
        *("-o", "m.recipe.json", "--json"),
    )
    said = json.loads(Path("m.recipe.json").read_text(encoding="utf-8"))
    assert (said["lmkit_recipe"], said["weights_by"]["kind"], "cache" in said["components"][1]) == (2, "oov", True)
    by = json.loads(made.out)["weights_by"]
    assert by["buckets"] == said["weights_by"]["buckets"]
    assert lmkit.perplexity(lmkit.load("m.recipe.json"), "dev").perplexity == pytest.approx(by["perplexity"], rel=1e-9)
    assert said["tuned_on"]["perplexity"] == by["perplexity"]
