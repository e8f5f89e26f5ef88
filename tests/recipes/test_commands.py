"""Every command that takes a model that scores texts takes a recipe; those that are for n-grams alone say why they do not."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit import families
from tests.conftest import Run
from tests.recipes.test_recipes import REMEDY, TEXT
from tests.scoring.test_families import UNIFORM, Uniform, read_uniform, write_uniform


def test_models_are_compared_evaluated_filtered_classified(lmkit_run: Run, recipe: Path) -> None:
    compared = json.loads(lmkit_run("compare", recipe, "a.safetensors", TEXT, "--json").out)
    mixed = lmkit.perplexity(lmkit.load(recipe), TEXT)
    assert compared["a"]["log10_prob"] == mixed.log10_prob
    Path("suite.toml").write_text(f'[models]\nmixed = "m.recipe.json"\n[texts]\ntest = "{TEXT}"\n', encoding="utf-8")
    evaluated = json.loads(lmkit_run("evaluate", "suite.toml", "--json").out)
    assert evaluated["pairs"][0]["figures"]["perplexity"] == mixed.perplexity
    by_mix = lmkit_run("perplexity", "a.safetensors", "--mix", "hashed.bin:0.3", TEXT, "--by", "sentence", "--json")
    best = min(map(json.loads, by_mix.out.splitlines()), key=lambda row: row["perplexity"])
    kept = lmkit_run("filter", "-q", recipe, TEXT, "--keep", "1").out
    assert kept == TEXT.read_text(encoding="utf-8").splitlines(keepends=True)[best["line"] - 1]
    found = lmkit_run("classify", "-q", recipe, "en.safetensors", TEXT).out.splitlines()
    assert found[0].split("\t")[3:] == ["log10_prob.m", "log10_prob.en"]
    assert sum(line.split("\t")[1] == "m" for line in found[1:]) > 0.9 * len(found)
    bits = lmkit_run("plot", "surprisal", recipe, "--file", TEXT).out.splitlines()
    assert len(bits) - 1 == mixed.tokens


def test_next_words_and_sentences_come_from_recipes_whose_models_predict(lmkit_run: Run, folder: Path) -> None:
    lmkit_run("ngram", "mix", "a.safetensors", "en.safetensors", "--weight", "0.7,0.3", "-o", "m.recipe.json")
    first = json.loads(lmkit_run("next", "m.recipe.json", "le", "--top", 1, "--json").out)["next"][0]
    mixed = lmkit.mixture([lmkit.load("a.safetensors"), lmkit.load("en.safetensors")], [0.7, 0.3])
    assert first["probability"] == lmkit.probability(mixed, first["word"], "<s> le")
    assert lmkit_run("generate", "-q", "m.recipe.json", "--count", 3, "--seed", 1).out.count("\n") == 3
    lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", "-o", folder / "h.recipe.json")
    refused = lmkit_run("next", "h.recipe.json", "le")
    assert (refused.code, refused.err.splitlines()[0]) == (
        1,
        f"lmkit: hashed.bin holds {families.FAMILIES[families.KENLM].title}, and a model that can say which word comes next is needed.",
    )


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("ngram convert m.recipe.json -o x.arpa", "n-gram counts or a model are needed"),
        ("ngram check m.recipe.json", "n-gram counts or a model are needed"),
        ("ngram prune m.recipe.json --keep 9 -o x.arpa", "an n-gram model is needed"),
        ("ngram prune a.safetensors --history m.recipe.json --keep 9 -o x.arpa", "n-gram counts or a model are needed"),
        ("ngram restrict m.recipe.json --vocabulary m.recipe.json -o x.arpa", "an n-gram model is needed"),
        ("ngram merge m.recipe.json m.recipe.json -o x.arpa", "n-gram counts are needed"),
        (f"entropy --model m.recipe.json {TEXT}", "an n-gram model is needed"),
        ("smooth --laplace m.recipe.json -o x.arpa", "n-gram counts are needed"),
    ],
)
@pytest.mark.usefixtures("recipe")
def test_what_is_for_ngrams_alone_refuses_a_recipe_by_its_name(lmkit_run: Run, line: str, needed: str) -> None:
    Path("a.safetensors").rename("z")  # the recipe is refused as it stands, and no model of it is looked for
    Path("hashed.bin").rename("a.safetensors") if "prune m" in line else Path("z").rename("a.safetensors")
    result = lmkit_run(*line.split())
    assert (result.code, result.out) == (1, "")
    assert result.err == f"lmkit: m.recipe.json holds a recipe of a mixture of models, and {needed}.\n{REMEDY}\n"
    assert not Path("x.arpa").exists()


@pytest.mark.usefixtures("recipe")
def test_a_recipe_is_no_text_no_list_and_no_vectors(lmkit_run: Run) -> None:
    for line in ("count m.recipe.json", f"count --vocabulary m.recipe.json {TEXT}"):
        assert lmkit_run(*line.split()).err == (
            "lmkit: m.recipe.json is not text: it looks like a recipe of a mixture of models.\n"
            "It is a model, perhaps: commands take it as MODEL, before the text; `lmkit vocabulary list` lists its words.\n"
        )
    refused = lmkit_run("vectors", "neighbours", "m.recipe.json", "le").err
    assert refused.startswith(
        "lmkit: m.recipe.json holds a recipe of a mixture of models, and word vectors are needed."
    )
    assert lmkit_run("count", "-q", "--tokenizer", "m.recipe.json", TEXT).code == 1
    compared = json.loads(lmkit_run("vocabulary", "compare", "m.recipe.json", TEXT, "--json").out)
    words = {word for name in ("a.safetensors", "hashed.bin") for word in lmkit.load(name).vocabulary.words}
    assert (compared["a"]["kind"], compared["a"]["types"]) == ("model", len(words) - 3)


def test_an_explanation_has_what_each_model_gives_and_the_weighted_sum(lmkit_run: Run, tmp_path: Path) -> None:
    """Add-one over a, b: 2/7, <unk> 1/7, which the one with c, d, <unk> shares; over a, c, d: 2/9, <unk> 1/9, shared with b."""
    models = [
        lmkit.laplace(lmkit.count_ngrams(io.BytesIO(text), 1), precision="double") for text in (b"a b\n", b"a c d\n")
    ]
    paths = [tmp_path / "0.safetensors", tmp_path / "1.safetensors"]
    for model, path in zip(models, paths, strict=True):
        lmkit.save(model, path)
    lmkit.save(lmkit.recipe(models, paths, [0.25, 0.75]), tmp_path / "m.recipe.json")
    words = lmkit.explain(lmkit.load(tmp_path / "m.recipe.json"), "a c")
    assert [[step.value for step in word.steps] for word in words] == [
        pytest.approx([2 / 7, 2 / 9, 0.25 * 2 / 7 + 0.75 * 2 / 9]),
        pytest.approx([1 / 21, 2 / 9, 0.25 / 21 + 0.75 * 2 / 9]),
        pytest.approx([2 / 7, 2 / 9, 0.25 * 2 / 7 + 0.75 * 2 / 9]),
    ]
    assert [word.probability for word in words] == pytest.approx([10.0**word.log10_prob for word in words])
    shown = lmkit_run("explain", tmp_path / "m.recipe.json", "c").out.splitlines()
    assert shown[:6] == [
        "c",
        "    laplace, weight 0.25; 3 words that it does not know, <unk> among them, share its p(<unk>)",
        "  p1(c) = 0.1428571 / 3 = 0.04761905",
        "    laplace, weight 0.75",
        "  p2(c) = 0.2222222",
        "  p(c) = Σ λ p = 0.25 · 0.04761905 + 0.75 · 0.2222222 = 0.1785714",
    ]
    lmkit.save(lmkit.count_ngrams(io.BytesIO(b"a b\n"), 1), tmp_path / "c.safetensors")
    refused = lmkit_run("explain", tmp_path / "m.recipe.json", "c", "--counts", tmp_path / "c.safetensors")
    assert refused.err == "lmkit: this model (mixture) was not made from counts.\nLeave them out.\n"


def test_what_is_in_a_recipe_is_told_once_its_models_are_found_as_they_were(lmkit_run: Run, recipe: Path) -> None:
    said = json.loads(recipe.read_text(encoding="utf-8"))
    found = json.loads(lmkit_run("ngram", "info", recipe, "--json").out)
    assert [found["component_1"], found["component_2"]] == said["components"]
    assert (found["smoothing"], found["order"], found["signature"]) == ("mixture", 3, lmkit.load(recipe).signature())
    lines = lmkit_run("info", recipe).out.splitlines()
    assert lines[:2] == ["format\trecipe", f"bytes\t{recipe.stat().st_size}"]
    assert f"component_2.sha256\t{said['components'][1]['sha256']}" in lines
    Path("hashed.bin").write_bytes(b"")
    assert "has changed since the recipe was written" in lmkit_run("info", recipe).err


def test_files_of_another_family_are_components(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uniform over </s>, <unk>, a, b, c: 1/5 each. Add-one over `a a c`: a 3/8, <unk> 1/8, shared with b. Half of each."""
    family: Any = families.Family("a uniform model", Uniform, read_uniform, write_uniform)
    monkeypatch.setitem(families.FAMILIES, "uniform", family)
    lmkit.save(UNIFORM, tmp_path / "u.safetensors")
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"a a c\n"), 1)), tmp_path / "n.safetensors")
    (tmp_path / "text").write_bytes(b"a b\n")
    made = lmkit_run("ngram", "mix", tmp_path / "u.safetensors", tmp_path / "n.safetensors", "-o", tmp_path / "m")
    assert (made.code, (tmp_path / "m").read_bytes()[:17]) == (0, b'{\n  "lmkit_recipe')
    figures = json.loads(lmkit_run("perplexity", tmp_path / "m", tmp_path / "text", "--json").out)
    expected = [(1 / 5 + 3 / 8) / 2, (1 / 5 + 1 / 16) / 2, (1 / 5 + 2 / 8) / 2]
    assert figures["perplexity"] == pytest.approx((expected[0] * expected[1] * expected[2]) ** (-1 / 3), rel=1e-7)
    assert lmkit.probability(lmkit.load(tmp_path / "m"), "b") == pytest.approx(expected[1], rel=1e-7)
    assert lmkit_run("ngram", "info", tmp_path / "m").out.splitlines()[1] == "order\tNone"
