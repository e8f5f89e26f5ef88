"""Components of mixtures: how they are named, what they become, and how recipes keep them. Figures are derived by hand.

Add-one over `a b a`, one word a time: a 3/7, b 2/7, </s> 2/7 over a, b, </s>, and, in an open vocabulary, <unk>: a 3/8, b 2/8, </s> 2/8, <unk> 1/8.
With a and b in one class c, `c c c`: c 4/7, </s> 2/7, <unk> 1/7 and a 2/3 of c, b 1/3: a 8/21, b 4/21, </s> 6/21.
"""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.mixtures import load_components, load_mixture
from lmkit.recipes.components import Part
from lmkit.recipes.grammar import FORMS, given_weights, parse_component, parse_components
from tests.conftest import Run

A, B, END, UNKNOWN = 3 / 8, 2 / 8, 2 / 8, 1 / 8
CLASS_A, CLASS_B, CLASS_END = 8 / 21, 4 / 21, 6 / 21
FORM = f"A component is {FORMS}; a weight follows it, as in cache:1000:0.08."


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the model, with its classes, and with a text; it is the working directory."""
    monkeypatch.chdir(tmp_path)
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"a b a\n"), 1), precision="double"), "m.safetensors")
    Path("c.tsv").write_text("a\tc\nb\tc\n", encoding="utf-8")
    Path("text").write_bytes(b"a a\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "part", "weight"),
    [
        ("kn5.safetensors", Part("file", "kn5.safetensors"), None),
        ("kn5.safetensors:0.6", Part("file", "kn5.safetensors"), 0.6),
        ("C:kn5.safetensors", Part("file", "C:kn5.safetensors"), None),
        ("cache", Part("cache"), None),
        ("cache:1000", Part("cache", size=1000), None),
        ("cache:0.08", Part("cache"), 0.08),
        ("cache:1000:0.08", Part("cache", size=1000), 0.08),
        ("cache:500,decay=0.005", Part("cache", size=500, decay=0.005), None),
        ("cache,decay=5e-3:1e-2", Part("cache", decay=0.005), 0.01),
        ("classes:c300.tsv", Part("classes", "c300.tsv"), None),
        ("classes:c300.tsv:0.3", Part("classes", "c300.tsv"), 0.3),
        ("uniform", Part("uniform"), None),
        ("uniform:0.001", Part("uniform"), 0.001),
        ("uniformity:0.5", Part("file", "uniformity"), 0.5),
    ],
)
def test_a_component_is_named_by_what_it_is_and_its_weight(text: str, part: Part, weight: float | None) -> None:
    found = parse_component(text)
    assert (found.part, found.weight) == (part, weight)
    assert parse_component(part.name).part == part


def test_a_file_of_that_very_name_comes_first(files: Path) -> None:
    Path("cache").write_bytes(Path("m.safetensors").read_bytes())
    Path("m:0.5").touch()
    for text, file, weight in (("cache", "cache", None), ("cache:0.5", "cache", 0.5), ("m:0.5", "m:0.5", None)):
        assert (parse_component(text).part, parse_component(text).weight) == (Part("file", file), weight)
    assert parse_component("cache:5").part == Part("cache", size=5)
    Path("cache").unlink()
    (files / "cache").mkdir()  # a folder is no model
    assert parse_component("cache").part == Part("cache")
    assert parse_component("m:0.5", Path("elsewhere")).part == Part("file", "elsewhere/m")


def test_a_file_that_is_no_model_and_hides_a_component_is_told(lmkit_run: Run) -> None:
    Path("cache").write_bytes(b"a b\n")
    refused = lmkit_run("perplexity", "m.safetensors", "text", "--mix", "cache:0.1")
    assert refused.code == 1
    assert refused.err.splitlines()[-1] == (
        "A file of that name comes before the component cache: give the file another name, or go elsewhere."
    )


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        (["cache:0"], "cache:0: a cache of '0' words; its size is a whole number from 1 to 10,000,000.", FORM),
        (["cache:abc:0.1"], "cache:abc:0.1: a cache of 'abc' words; its size is a whole number from 1 to 10,000,000.", FORM),
        (["cache:20000000:0.1"], "cache:20000000:0.1: a cache of '20000000' words; its size is a whole number from 1 to 10,000,000.", FORM),
        (["cache:1000:2"], "cache:1000:2: '2' is no weight: it must be a number above 0 and below 1.", FORM),
        (["cache:1:0.1:0.1"], "cache:1:0.1:0.1 is no cache.", FORM),
        (["cache,size=3:0.1"], "cache,size=3:0.1: 'size=3' is nothing that a cache has.", FORM),
        (
            ["cache:9,decay=-1:0.1"],
            "cache:9,decay=-1:0.1: the decay must be a number of 0 or more.",
            "With 0, all words of the cache count alike; with 0.005, one of 139 words ago counts half.",
        ),
        (["uniform:x"], "uniform:x: 'x' is no weight: it must be a number above 0 and below 1.", FORM),
        (["uniform,9"], "uniform,9 is no component.", FORM),
        (["m.safetensors:1.5"], "m.safetensors:1.5: '1.5' is no weight: it must be a number above 0 and below 1.", FORM),
        (["m.safetensors:nan"], "m.safetensors:nan: 'nan' is no weight: it must be a number above 0 and below 1.", FORM),
        ([""], "'' names no component.", FORM),
        (["classes:"], "classes: names no file of classes.", "Write classes:FILE, or classes:FILE:WEIGHT."),
        (
            ["cache:9:0.1", "uniform"],
            "some components have weights, and others have none: uniform.",
            "Give SPEC:WEIGHT for all but the first, which has the rest, or for none.",
        ),
        (
            ["cache:9:0.6", "uniform:0.5"],
            "the weights of cache:9:0.6, uniform:0.5 sum to 1.1, and leave nothing for m.safetensors.",
            "Together they must be below 1.",
        ),
        (["cache:9:0.1", "cache:9:0.2"], "cache:9 is there twice.", "Give it once, with the weight of both."),
        (
            ["m.safetensors", "cache:9"],
            "cache:9 has no weight, and is no model that an equal share would be right for.",
            "Give it one, as in cache:9:0.08; or find all: lmkit ngram mix MODEL cache:9 --held-out FILE -o mixed.recipe.json.",
        ),
        (
            ["uniform"],
            "uniform has no weight, and is no model that an equal share would be right for.",
            "Give it one, as in uniform:0.001; or find all: lmkit ngram mix MODEL uniform --held-out FILE -o mixed.recipe.json.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_component_or_no_weight_is_told_before_any_file_is_opened(
    lmkit_run: Run, arguments: list[str], problem: str, remedy: str
) -> None:
    mix = [part for each in arguments for part in ("--mix", each)]
    for line in (["perplexity", "m.safetensors", "text", *mix], ["ngram", "mix", "m.safetensors", *arguments]):
        refused = lmkit_run(*line)
        assert (refused.code, refused.out, refused.err) == (2, "", f"lmkit: {problem}\n{remedy}\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("perplexity m.safetensors text --decay 0.1", "--decay is for a cache, and nothing is mixed."),
        (
            "perplexity m.safetensors text --mix cache:9,decay=1:0.1 --decay 0.1",
            "--decay is for caches that name none, and there is no such component.",
        ),
        (
            "perplexity m.safetensors text --mix cache:9:0.1 --decay=-0.1",
            "--decay -0.1: the decay must be a number of 0 or more.",
        ),
        ("ngram mix cache m.safetensors:0.9", "cache is in no file, and a mixture begins with a model that is."),
        (
            "ngram mix m.safetensors:0.9 cache:0.2",
            "the weights 0.9 0.2 sum to 1.1; they must be above 0 and sum to 1.",
        ),
        (
            "ngram mix m.safetensors cache:0.2 --weight 0.8,0.2",
            "cache:0.2 has a weight, which makes no sense with --weight.",
        ),
        (
            "ngram mix m.safetensors cache:0.2 --held-out text",
            "cache:0.2 has a weight, which makes no sense with --held-out, which is there to find them.",
        ),
        ("ngram mix m.safetensors cache:0.2 --json", "--json shows what --held-out finds."),
        (
            "ngram mix m.safetensors cache:9:0.2 -o x.arpa",
            "cache:9 is a cache, whose probabilities change with the text: a mixture with it is no n-gram model, and has no arpa file.",
        ),
        (
            "ngram mix m.safetensors uniform:0.2 -o x.arpa",
            "uniform is a uniform distribution, which has no n-grams: a mixture with it is no n-gram model, and has no arpa file.",
        ),
        (
            "ngram mix m.safetensors classes:c.tsv --to arpa",
            "classes:c.tsv is a class model, which has no n-grams of words: a mixture with it is no n-gram model, and has no arpa file.",
        ),
    ],
)
def test_options_that_do_not_fit_components_are_told(lmkit_run: Run, files: Path, line: str, problem: str) -> None:
    refused = lmkit_run(*line.split())
    assert (refused.code, refused.out, refused.err.splitlines()[0]) == (2, "", f"lmkit: {problem}")
    assert not (files / "x.arpa").exists()


def test_missing_classes_and_a_model_without_counts_are_told(lmkit_run: Run) -> None:
    refused = lmkit_run("perplexity", "m.safetensors", "text", "--mix", "classes:missing.tsv:0.3")
    assert (refused.code, refused.err.splitlines()[0]) == (
        1, "lmkit: cannot read missing.tsv: No such file or directory."
    )  # fmt: skip
    lmkit_run("ngram", "convert", "m.safetensors", "-o", "m.arpa")
    refused = lmkit_run("perplexity", "m.arpa", "text", "--mix", "classes:c.tsv:0.3")
    assert (refused.code, refused.err.startswith("lmkit: classes:c.tsv: ")) == (1, True)


def probabilities(run: Run, *arguments: Any) -> list[float]:
    """Those of the tokens of the text, a a </s>."""
    shown = run("perplexity", *arguments, "text", "--by", "token", "--json").out
    return [10.0 ** json.loads(line)["log10_prob"] for line in shown.splitlines()]


@pytest.mark.parametrize(
    ("mix", "expected"),
    [
        (["cache:0.5"], [A / 2 + 1 / 8, A / 2 + 1 / 2, END / 2]),  # empty: 1/4 for a, b, </s>, <unk>; then a alone
        (["uniform:0.5"], [A / 2 + 1 / 8, A / 2 + 1 / 8, END / 2 + 1 / 8]),
        (["classes:c.tsv"], [(A + CLASS_A) / 2, (A + CLASS_A) / 2, (END + CLASS_END) / 2]),
        (
            ["uniform:0.25", "cache:1:0.25", "classes:c.tsv:0.25"],
            [
                (A + 1 / 4 + 1 / 4 + CLASS_A) / 4,
                (A + 1 / 4 + 1 + CLASS_A) / 4,
                (END + 1 / 4 + 0 + CLASS_END) / 4,
            ],
        ),
    ],
)
def test_a_mixture_gives_each_word_the_weighted_sum(lmkit_run: Run, mix: list[str], expected: list[float]) -> None:
    given = [part for each in mix for part in ("--mix", each)]
    assert probabilities(lmkit_run, "m.safetensors", *given) == pytest.approx(expected, rel=1e-9)
    made = lmkit_run("ngram", "mix", "m.safetensors", *mix, "-o", "m.recipe.json")
    assert (made.code, made.err) == (0, "")
    assert probabilities(lmkit_run, "m.recipe.json") == pytest.approx(expected, rel=1e-9)


def test_the_decay_of_the_option_is_that_of_caches_that_name_none() -> None:
    named = parse_components(["cache:9:0.1", "cache:8,decay=1:0.1", "uniform:0.1"], first="m.safetensors", decay=0.5)
    assert [each.part.decay for each in named] == [None, 0.5, 1.0, None]
    assert given_weights(named) == pytest.approx([0.7, 0.1, 0.1, 0.1])
    (_, first, second, _) = load_components(named)
    assert isinstance(first, lmkit.CacheModel)
    assert isinstance(second, lmkit.CacheModel)
    assert (first.size, first.decay, second.size, second.decay) == (9, 0.5, 8, 1.0)


def test_a_cache_has_the_words_settings_and_openness_of_all_others() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"B z\n"), 1, settings=lmkit.TextSettings(lowercase=True))
    lmkit.save(lmkit.laplace(counts), "z.safetensors")
    lower = lmkit.count_ngrams(io.BytesIO(b"a b a\n"), 1, settings=lmkit.TextSettings(lowercase=True))
    lmkit.save(lmkit.laplace(lower), "m.safetensors")
    for first, other in (("m", "z"), ("z", "m")):
        named = parse_components([f"{other}.safetensors:0.1", "uniform:0.1", "cache:0.1"], first=f"{first}.safetensors")
        models = load_components(named)
        assert set(models[2].vocabulary.words) == {b"</s>", b"<s>", b"<unk>", b"a", b"b", b"z"}
        assert {(model.settings, model.closed) for model in models} == {(counts.settings, False)}
        assert models[3].vocabulary.same_as(models[2].vocabulary)


def test_probabilities_sum_to_one_also_where_a_recipe_with_a_cache_meets_new_words(lmkit_run: Run) -> None:
    """The cache keeps the words of its recipe: a word of the other model is unknown to it, and never in it."""
    lmkit_run("ngram", "mix", "m.safetensors", "cache:3:0.2", "uniform:0.1", "-o", "m.recipe.json")
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"x y x\n"), 1), precision="double"), "x.safetensors")
    mixed = load_mixture(parse_components(["x.safetensors:0.3", "cache:2:0.2"], first="m.recipe.json"))
    assert len(mixed.models) == 5
    ids = mixed.vocabulary.ids
    events = [word for word in mixed.vocabulary.words if word != b"<s>"]
    for history in ([], [b"a"], [b"x", b"y"], [b"a", b"x", b"<unk>", b"b", b"a"]):
        total = 0.0
        for word in events:
            tokens = np.array([1, *(ids[each] for each in (*history, word)), 0], np.int32)
            total += 10.0 ** mixed.scorer().score(tokens).log10_probs[len(history)]
        assert total == pytest.approx(1.0, abs=1e-12)


def test_a_recipe_with_a_cache_scores_the_same_in_a_mixture_of_the_same_words(lmkit_run: Run) -> None:
    lmkit_run("ngram", "mix", "m.safetensors", "cache:3:0.2", "-o", "m.recipe.json")
    alone = probabilities(lmkit_run, "m.recipe.json")
    assert alone == pytest.approx([0.8 * A + 0.2 / 4, 0.8 * A + 0.2, 0.8 * END], rel=1e-9)
    mixed = probabilities(lmkit_run, "m.recipe.json", "--mix", "uniform:0.5")
    assert mixed == pytest.approx([each / 2 + 1 / 8 for each in alone], rel=1e-9)
    lmkit_run("ngram", "mix", "m.recipe.json", "uniform:0.5", "-o", "n.recipe.json")
    assert probabilities(lmkit_run, "n.recipe.json") == pytest.approx(mixed, rel=1e-12)


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the JSON value of a recipe."""
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    path.write_text(json.dumps(said), encoding="utf-8")


@pytest.fixture
def recipe(lmkit_run: Run, files: Path) -> Path:
    """A recipe with each kind of component."""
    components = ("cache:9,decay=0.5:0.1", "uniform:0.1", "classes:c.tsv:0.2")
    lmkit_run("ngram", "mix", "m.safetensors", *components, "-o", "m.recipe.json")
    return files / "m.recipe.json"


def test_a_recipe_says_components_by_their_keys_in_version_2_only_where_it_must(lmkit_run: Run, recipe: Path) -> None:
    said = json.loads(recipe.read_text(encoding="utf-8"))
    assert said["lmkit_recipe"] == 2
    first, cache, uniform, classes = said["components"]
    assert (first["file"], first["weight"]) == ("m.safetensors", pytest.approx(0.6))
    assert (cache, uniform) == ({"cache": 9, "weight": 0.1, "decay": 0.5}, {"uniform": True, "weight": 0.1})
    assert (classes.keys(), classes["classes"]) == ({"classes", "weight", "sha256", "bytes"}, "c.tsv")
    lmkit_run("ngram", "mix", "m.safetensors", "m.safetensors", "-o", "plain.recipe.json")
    assert json.loads(Path("plain.recipe.json").read_text(encoding="utf-8"))["lmkit_recipe"] == 1
    assert isinstance(lmkit.load(recipe).recipe.components[1], lmkit.CacheComponent)


def test_a_recipe_moves_with_its_classes(lmkit_run: Run, recipe: Path, files: Path) -> None:
    before = probabilities(lmkit_run, recipe)
    (files / "there").mkdir()
    for name in ("m.safetensors", "c.tsv", "m.recipe.json"):
        (files / name).rename(files / "there" / name)
    assert probabilities(lmkit_run, "there/m.recipe.json") == before
    lmkit.save(lmkit.load("there/m.recipe.json"), files / "back.recipe.json")
    said = json.loads(Path("back.recipe.json").read_text(encoding="utf-8"))
    assert said["components"][3]["classes"] == "there/c.tsv"
    assert probabilities(lmkit_run, "back.recipe.json") == before


def test_info_shows_the_components(lmkit_run: Run, recipe: Path) -> None:
    shown = lmkit_run("info", recipe).out.splitlines()
    for line in ("component_2.cache\t9", "component_2.decay\t0.5", "component_3.uniform\tTrue", "component_4.classes\tc.tsv"):  # fmt: skip
        assert line in shown


def test_classes_that_have_changed_are_told(lmkit_run: Run, recipe: Path) -> None:
    Path("c.tsv").write_text("a\tc\nb\td\n", encoding="utf-8")
    refused = lmkit_run("perplexity", recipe, "text")
    assert refused.code == 1
    assert refused.err.startswith(
        f"lmkit: {recipe}: component 4, c.tsv, has changed since the recipe was written: {recipe.parent}/c.tsv has 8 bytes"
    )
    Path("c.tsv").unlink()
    assert "component 4, c.tsv, is missing: there is no file" in lmkit_run("perplexity", recipe, "text").err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda said: said.update(lmkit_recipe=1), 'component 2 has "cache", "decay", which recipes of format 1 have not'),
        (
            lambda said: said["components"][1].update(file="m.safetensors"),
            'component 2 has "file", which recipes of format 2 have not',
        ),
        (lambda said: said["components"][1].pop("decay"), 'the recipe cannot be read: component 2 has no "decay"'),
        (
            lambda said: said["components"][1].update(cache=0.5),
            'the recipe cannot be read: "cache" of component 2 is 0.5, and not a whole number',
        ),
        (lambda said: said["components"][1].update(cache=0), "a cache of 0 words; it holds 1 to 10,000,000"),
        (
            lambda said: said["components"][2].update(uniform=1),
            'the recipe cannot be read: "uniform" of component 3 is 1, and not true or false',
        ),
        (
            lambda said: said["components"][2].update(uniform=False),
            'the recipe cannot be read: component 3 has "uniform" that is false',
        ),
        (
            lambda said: said["components"].reverse(),
            "component 1 is classes:c.tsv, and the first component is to be the file of a model",
        ),
    ],
)  # fmt: skip
def test_components_that_cannot_be_are_told(
    lmkit_run: Run, recipe: Path, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    edited(recipe, change)
    refused = lmkit_run("perplexity", recipe, "text")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"lmkit: {recipe}: {problem}.\n")


def test_a_recipe_of_named_components_is_made_from_python(files: Path) -> None:
    model = lmkit.load("m.safetensors")
    cache = lmkit.CacheModel(model.vocabulary, 7, 0.25, model.settings)
    made = lmkit.recipe([model, cache], ["m.safetensors", "cache"], [0.75, 0.25])
    lmkit.save(made, files / "m.recipe.json")
    mixed = lmkit.mixture([model, cache], [0.75, 0.25])
    assert lmkit.perplexity(lmkit.load("m.recipe.json"), "text") == lmkit.perplexity(mixed, "text")
    assert lmkit.load("m.recipe.json").recipe.components[1] == lmkit.CacheComponent(7, 0.25, 0.25)
    with pytest.raises(UsageError, match=r"^cache:9 is the name of a model that is none such \(cache\)\.$"):
        lmkit.recipe([model, cache], ["m.safetensors", "cache:9"])
    with pytest.raises(UsageError, match=r"^uniform is the name of a model that is none such \(cache\)\.$"):
        lmkit.recipe([model, cache], ["m.safetensors", "uniform"])
    with pytest.raises(UsageError, match=r"^cache:0\.5 has a weight in its name\."):
        lmkit.recipe([model, cache], ["m.safetensors", "cache:0.5"])
    with pytest.raises(DataError, match=r"^a recipe names the files of its models, and nowhere is none\."):
        lmkit.recipe([model, cache], ["m.safetensors", "classes:nowhere"])


def test_of_a_file_of_classes_in_a_mixture_a_way_is_told_to_say_what_it_is(lmkit_run: Run) -> None:
    Path("odd").write_text("a c\nb c d e f\n", encoding="utf-8")
    refused = lmkit_run("perplexity", "m.safetensors", "text", "--mix", "classes:odd:0.3")
    assert (refused.code, refused.err.splitlines()[0].startswith("lmkit: classes:odd:2: ")) == (1, True)
    assert "begin it with a line `word TAB class`" in refused.err
    Path("odd").write_text("word\tclass\na\tc\nb\tc\n", encoding="utf-8")
    assert lmkit_run("perplexity", "m.safetensors", "text", "--mix", "classes:odd:0.3").code == 0
