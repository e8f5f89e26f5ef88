"""Recipes with weights by bucket: made by `lmkit ngram mix --weights-by`, kept, shown, and all that can be wrong with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.errors import DataError
from lmkit.ngrams.backoff.mixing import build_mixture
from lmkit.recipes.recipe import RecipeMixture
from lmkit.scoring.bucketing.kinds import KINDS
from tests.conftest import Run
from tests.recipes.test_recipes import TEXT, edited, figures
from tests.shell_lines import run_line

MIX = ("ngram", "mix", "a.safetensors", "b.arpa.gz")


@pytest.fixture
def bucketed(folder: Path, lmkit_run: Run) -> Path:
    """A recipe with weights by the length of histories."""
    made = lmkit_run(*MIX, "--held-out", TEXT, "--weights-by", "length", "-o", "l.recipe.json")
    assert made.code == 0
    return folder / "l.recipe.json"


@pytest.mark.parametrize("kind", KINDS)
def test_a_recipe_has_the_perplexity_that_was_told_and_every_command_scores_with_it(
    lmkit_run: Run, folder: Path, kind: str
) -> None:
    told = lmkit_run(*MIX, "--held-out", TEXT, "--weights-by", kind, "-o", "m.recipe.json").err.splitlines()
    models = [lmkit.load("a.safetensors"), lmkit.load("b.arpa.gz")]
    tuned = lmkit.tune_weights(models, TEXT)
    buckets = lmkit.tune_buckets(models, tuned.above_zero(), TEXT, kind)  # type: ignore[arg-type]
    change = 100 * (buckets.perplexity / tuned.perplexity - 1)
    assert told[-2:] == [
        f"lmkit: weights by {kind}, {len(buckets.by.weights)} buckets: perplexity of {TEXT} {buckets.perplexity:.7g} in place of {tuned.perplexity:.7g} ({change:+.2f}%)",
        "lmkit: on the text that they were tuned on, more weights always look better: measure them on another one.",
    ]
    assert buckets.perplexity < tuned.perplexity
    said = json.loads((folder / "m.recipe.json").read_text(encoding="utf-8"))
    assert said["weights_by"] == json.loads(json.dumps(buckets.by.as_dict()))
    assert said["tuned_on"]["perplexity"] == buckets.perplexity
    measured = figures(lmkit_run, "m.recipe.json")
    assert measured["perplexity"] == pytest.approx(buckets.perplexity, rel=1e-12)
    by_token = lmkit_run("perplexity", "m.recipe.json", TEXT, "--by", "token", "--json").out.splitlines()
    assert sum(json.loads(line)["log10_prob"] for line in by_token) == pytest.approx(measured["log10_prob"], rel=1e-12)
    compared = json.loads(lmkit_run("compare", "m.recipe.json", "a.safetensors", TEXT, "--json").out)
    assert compared["a"]["log10_prob"] == measured["log10_prob"]
    Path("suite.toml").write_text(f'[models]\nm = "m.recipe.json"\n[texts]\ntest = "{TEXT}"\n', encoding="utf-8")
    evaluated = json.loads(lmkit_run("evaluate", "suite.toml", "--json").out)
    assert evaluated["pairs"][0]["figures"]["perplexity"] == measured["perplexity"]
    first = json.loads(lmkit_run("next", "m.recipe.json", "le", "--top", 1, "--json").out)["next"][0]
    assert first["probability"] == lmkit.probability(lmkit.load("m.recipe.json"), first["word"], "<s> le")
    assert lmkit_run("generate", "-q", "m.recipe.json", "--count", 3, "--seed", 1).out.count("\n") == 3


def test_it_comes_back_as_it_was_made(bucketed: Path) -> None:
    opened = lmkit.load(bucketed)
    assert isinstance(opened, RecipeMixture)
    assert opened.by == opened.recipe.weights_by
    lmkit.save(opened, "again.recipe.json")
    assert Path("again.recipe.json").read_bytes() == bucketed.read_bytes()
    assert bucketed.read_bytes().startswith(b'{\n  "lmkit_recipe": 2,\n')


def test_info_lists_the_weights_of_each_bucket_and_what_they_were_tuned_on(lmkit_run: Run, bucketed: Path) -> None:
    lines = lmkit_run("info", bucketed).out.splitlines()
    buckets = json.loads(bucketed.read_text(encoding="utf-8"))["weights_by"]["buckets"]
    assert "weights_by\tlength" in lines
    for name, row in buckets.items():
        weights = " ".join(f"{weight:.10g}" for weight in row["weights"])
        assert f"bucket_{name}.weights\t{weights}" in lines
        assert f"bucket_{name}.tokens\t{row['tokens']}" in lines
    assert sum(row["tokens"] for row in buckets.values()) == lmkit.perplexity(lmkit.load(bucketed), TEXT).tokens


def test_explain_tells_the_bucket_of_each_word(lmkit_run: Run, bucketed: Path) -> None:
    lines = lmkit_run("explain", bucketed, "le").out.splitlines()
    weights = json.loads(bucketed.read_text(encoding="utf-8"))["weights_by"]["buckets"]["1"]["weights"]
    assert lines[1] == f"    witten-bell, weight {weights[0]:.7g}"
    assert lines[5] == "    weights by length: those of the bucket 1"
    word = json.loads(lmkit_run("explain", bucketed, "le", "--json").out)["words"][0]
    assert (word["bucket"], word["weights"]) == ("1", weights)


def test_a_recipe_within_another_keeps_its_weights_by_bucket(lmkit_run: Run, bucketed: Path) -> None:
    assert lmkit_run("ngram", "mix", bucketed, "hashed.bin", "--weight", "0.9,0.1", "-o", "n.recipe.json").code == 0
    models = [lmkit.load(bucketed), lmkit.load("hashed.bin")]
    expected = lmkit.perplexity(lmkit.mixture(models, [0.9, 0.1]), TEXT).log10_prob
    assert figures(lmkit_run, "n.recipe.json")["log10_prob"] == expected
    assert figures(lmkit_run, bucketed, "--mix", "hashed.bin:0.1")["log10_prob"] == expected
    plain = lmkit.mixture([lmkit.mixture(models[0].models, models[0].weights), models[1]], [0.9, 0.1])
    assert lmkit.perplexity(plain, TEXT).log10_prob != expected


def test_it_is_built_into_no_ngram_model(lmkit_run: Run, bucketed: Path) -> None:
    with pytest.raises(DataError) as refused:
        build_mixture(lmkit.load(bucketed))
    assert str(refused.value) == (
        "the weights of this mixture depend on the length of the history: no table of n-grams holds it.\n"
        "Keep it as a recipe, which scores and predicts word by word: end the name in .recipe.json, or say --to recipe."
    )
    remedy = "Write its recipe: end the name in .recipe.json, or say --to recipe.\n"
    built = lmkit_run("ngram", "mix", bucketed, "a.safetensors", "-o", "x.arpa")
    assert (built.code, built.err) == (
        2, f"lmkit: {bucketed} holds a recipe of a mixture of models: a mixture with it is no n-gram model, and has no arpa file.\n{remedy}"
    )  # fmt: skip
    made = lmkit_run(*MIX, "--held-out", TEXT, "--weights-by", "count", "-o", "x.arpa")
    assert (made.code, made.err) == (
        2, f"lmkit: with --weights-by count, weights depend on the history: the mixture is no n-gram model, and has no arpa file.\n{remedy}"
    )  # fmt: skip
    assert not Path("x.arpa").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("a.safetensors", "en.safetensors", "--weights-by", "length"),
            2,
            "--weights-by needs a text to find the weights of buckets on.\nAdd --held-out FILE.\n",
        ),
        (
            ("b.arpa.gz", "a.safetensors", "--weights-by", "count", "--held-out", TEXT),
            1,
            "the n-gram model (witten-bell) has kept no counts, so it does not say how often histories were seen.\n",
        ),
        (
            ("hashed.bin", "hashed.bin", "--weights-by", "length", "--held-out", TEXT),
            1,
            "weights by length are told by the first n-gram model of a mixture, and none of its models (kenlm-probing, kenlm-probing) lists n-grams.\n",
        ),
    ],
)
def test_what_tells_no_buckets_is_refused_before_anything_is_tuned(
    lmkit_run: Run, folder: Path, arguments: tuple[Any, ...], code: int, message: str
) -> None:
    refused = lmkit_run("ngram", "mix", *arguments, "-o", "x.recipe.json")
    assert refused.code == code
    assert refused.err.startswith(f"lmkit: {message}")
    assert not (folder / "x.recipe.json").exists()


CORRECT = "Write it again with `lmkit ngram mix --to recipe`, or correct it by hand: it is JSON."
LATER = "Correct the name, or upgrade lmkit, if a later one wrote it."


def row(said: dict[str, Any]) -> dict[str, Any]:
    """What is said of a bucket."""
    found: dict[str, Any] = said["weights_by"]["buckets"]["1"]
    return found


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        (
            lambda said: said.update(lmkit_recipe=1),
            'it has "weights_by", which recipes of format 1 have not',
            LATER,
        ),
        (
            lambda said: said["weights_by"].update(kind="day"),
            'the recipe cannot be read: "weights_by" is no object with a "kind" ("length", "count", "oov") and "buckets"',
            CORRECT,
        ),
        (
            lambda said: said.update(weights_by=[]),
            'the recipe cannot be read: "weights_by" is no object with a "kind" ("length", "count", "oov") and "buckets"',
            CORRECT,
        ),
        (
            lambda said: said["weights_by"].update(note=1),
            '"weights_by" has "note", which recipes of format 2 have not',
            LATER,
        ),
        (
            lambda said: row(said).pop("tokens"),
            'the recipe cannot be read: the bucket "1" has no "tokens"',
            CORRECT,
        ),
        (
            lambda said: row(said).update(weights=0.5),
            'the recipe cannot be read: "weights" of the bucket "1" is 0.5, and not a list',
            CORRECT,
        ),
        (
            lambda said: row(said).update(weights=[1.0]),
            'the recipe cannot be read: the bucket "1" has the weights [1.0], and not 2 numbers above 0',
            CORRECT,
        ),
        (
            lambda said: row(said).update(weights=[1.0, "0"]),
            'the recipe cannot be read: the bucket "1" has the weights [1.0, "0"], and not 2 numbers above 0',
            CORRECT,
        ),
        (
            lambda said: row(said).update(weights=[0.5, 0.6]),
            "the weights 0.5 0.6 of the bucket '1' sum to 1.1; they must be above 0 and sum to 1.",
            "Correct them: they stand in the recipe.",
        ),
        (
            lambda said: said["weights_by"]["buckets"].update({"9": row(said)}),
            "there are weights of the bucket '9', and the buckets by length are 0 1 2.",
            "Correct them: they stand in the recipe.",
        ),
    ],
)
def test_weights_by_bucket_that_are_none_are_told(
    bucketed: Path, change: Callable[[dict[str, Any]], object], problem: str, remedy: str
) -> None:
    edited(bucketed, change)
    with pytest.raises(DataError) as refused:
        lmkit.load(bucketed)
    assert str(refused.value) == f"{bucketed}: {problem.removesuffix('.')}.\n{remedy}"


def test_weights_and_those_by_bucket_are_found_in_one_reading_of_the_text(lmkit_run: Run, folder: Path) -> None:
    """What a pipe holds can be read once."""
    mix = "lmkit ngram mix a.safetensors b.arpa.gz --held-out - --weights-by length -o p.recipe.json"
    made = run_line(f"cat {TEXT} | {mix}", folder)
    assert made.returncode == 0, made.stderr.decode()
    lmkit_run(*MIX, "--held-out", TEXT, "--weights-by", "length", "-o", "f.recipe.json")
    piped, of_file = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("p.recipe.json", "f.recipe.json")
    )
    assert piped["weights_by"] == of_file["weights_by"]
