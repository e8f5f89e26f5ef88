"""Recipes: the mixture that a file of names, weights and digests stands for, and every way in which it may not be that any more."""

import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit import families
from lmkit.errors import DataError, UsageError
from lmkit.recipes.opening import MOST_MODELS
from lmkit.recipes.recipe import RecipeMixture
from tests.conftest import Run, held_out_text, shell
from tests.vectors.small import ROYAL

TEXT = held_out_text("fr")
REMEDY = "Give one of the models that it names; or build one of them all, if they are n-gram models: lmkit ngram mix RECIPE -o FILE."


def figures(run: Run, *arguments: Any) -> dict[str, Any]:
    """What `lmkit perplexity` prints of the French test text."""
    found: dict[str, Any] = json.loads(run("perplexity", *arguments, TEXT, "--json").out)
    return found


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the JSON value of a recipe."""
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    path.write_text(json.dumps(said), encoding="utf-8")


def test_a_recipe_has_the_figures_of_the_mixture_word_by_word_to_the_last_digit(lmkit_run: Run, recipe: Path) -> None:
    expected = figures(lmkit_run, "a.safetensors", "--mix", "hashed.bin:0.3")
    assert figures(lmkit_run, recipe) == expected
    assert expected["signature"].count("mixture:0.7*witten-bell+0.3*kenlm-probing|") == 1


def test_a_recipe_begins_with_its_key_and_names_files_by_path_and_digest(recipe: Path) -> None:
    assert recipe.read_bytes().startswith(b'{\n  "lmkit_recipe": 1,\n  "lmkit_version": ')
    said = json.loads(recipe.read_text(encoding="utf-8"))
    assert "tuned_on" not in said
    (_, second) = said["components"]
    digest = shell(f"sha256sum {recipe.parent}/hashed.bin").stdout.split()[0].decode()
    size = (recipe.parent / "hashed.bin").stat().st_size
    assert second == {
        "file": "hashed.bin", "weight": 0.3, "sha256": digest, "bytes": size, "method": "kenlm-probing"
    }  # fmt: skip


def test_tuned_weights_go_into_the_recipe_with_the_text_and_its_perplexity(lmkit_run: Run, folder: Path) -> None:
    tuned = lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", "--held-out", TEXT, "-o", "m.recipe.json")
    said = json.loads((folder / "m.recipe.json").read_text(encoding="utf-8"))
    models = [lmkit.load("a.safetensors"), lmkit.load("hashed.bin")]
    expected = lmkit.tune_weights(models, TEXT)
    assert [each["weight"] for each in said["components"]] == list(expected.weights)
    assert said["tuned_on"] == {"text": str(TEXT), "perplexity": expected.perplexity, "tokens": expected.tokens}
    assert figures(lmkit_run, "m.recipe.json")["perplexity"] == pytest.approx(expected.perplexity, rel=1e-12)
    figures_of = zip(expected.weights, expected.alone, expected.alone_excluding_oov, strict=True)
    rows = [
        [name, *(f"{figure:.7g}" for figure in row)]
        for name, row in zip(("a.safetensors", "hashed.bin"), figures_of, strict=True)
    ]
    assert [line.split() for line in tuned.err.splitlines()[3:5]] == rows


ONES = {"a b\n": 0.125, "a c d\n": 0.375, "e e\n": 0.5}  # texts of the unigram models, and their weights


def unigrams() -> list[lmkit.NgramModel]:
    """Add-one models of a word, over `a b`, `a c d` and `e e`."""
    return [lmkit.laplace(lmkit.count_ngrams(io.BytesIO(text.encode()), 1), precision="double") for text in ONES]


def test_a_mixture_in_a_mixture_is_the_mixture_of_all_models(folder: Path) -> None:
    """Add-one over a, b: 2/7 each, </s> too, <unk> 1/7; a, c, d: 2/9 and 1/9; e 3/6, </s> 2/6, <unk> 1/6.

    Of the five words, the first lacks c, d, e: with <unk> each has a quarter of 1/7; the second lacks b, e: a third of 1/9;
    the third lacks a, b, c, d: a fifth of 1/6.
    """
    models = unigrams()
    for number, model in enumerate(models):
        lmkit.save(model, f"{number}.safetensors")
    inner = lmkit.recipe(models[:2], ["0.safetensors", "1.safetensors"], [0.25, 0.75])
    lmkit.save(inner, "inner.recipe.json")
    outer = lmkit.recipe([lmkit.load("inner.recipe.json"), models[2]], ["inner.recipe.json", "2.safetensors"])
    lmkit.save(outer, folder / "outer.recipe.json")
    nested, flat = lmkit.load("outer.recipe.json"), lmkit.mixture(models, list(ONES.values()))
    assert isinstance(nested, RecipeMixture)
    assert nested.weights == pytest.approx(flat.weights)
    first, second, third = 0.125, 0.375, 0.5
    expected = {
        "a": first * 2 / 7 + second * 2 / 9 + third / 30,
        "b": first * 2 / 7 + second / 27 + third / 30,
        "c": first / 28 + second * 2 / 9 + third / 30,
        "e": first / 28 + second / 27 + third * 3 / 6,
        "</s>": first * 2 / 7 + second * 2 / 9 + third * 2 / 6,
        "zzz": first / 28 + second / 27 + third / 30,
    }
    assert {word: lmkit.probability(nested, word) for word in expected} == pytest.approx(expected, rel=1e-12)
    text = "a b c d e zzz\n"
    measured = [lmkit.perplexity(each, io.BytesIO(text.encode())).log10_prob for each in (nested, flat)]
    assert measured[0] == pytest.approx(measured[1], rel=1e-12)


def test_nested_recipes_and_recipes_of_mix_are_the_flat_mixture(lmkit_run: Run, recipe: Path) -> None:
    assert lmkit_run("ngram", "mix", recipe, "en.safetensors", "--weight", "0.9,0.1", "-o", "n.recipe.json").code == 0
    flat = figures(lmkit_run, "a.safetensors", "--mix", f"hashed.bin:{0.9 * 0.3}", "--mix", "en.safetensors:0.1")
    for arguments in (["n.recipe.json"], [recipe, "--mix", "en.safetensors:0.1"], ["en.safetensors", "--mix", f"{recipe}:0.9"]):  # fmt: skip
        assert figures(lmkit_run, *arguments)["log10_prob"] == pytest.approx(flat["log10_prob"], rel=1e-12)


def test_tuning_beside_a_recipe_leaves_the_weights_within_it(recipe: Path) -> None:
    models = [lmkit.load(recipe), lmkit.load("en.safetensors")]
    tuned = lmkit.tune_weights(models, TEXT)
    mixed = lmkit.mixture(models, tuned.above_zero())
    assert lmkit.perplexity(mixed, TEXT).perplexity == pytest.approx(tuned.perplexity, rel=1e-6)
    assert mixed.weights[1] / mixed.weights[0] == pytest.approx(3 / 7)
    nearly_alone = lmkit.mixture([models[0], models[1]], [1 - 1e-12, 1e-12])
    assert tuned.alone[0] == pytest.approx(lmkit.perplexity(nearly_alone, TEXT).perplexity, rel=1e-7)


def test_ngram_models_alone_are_built_unless_a_recipe_is_asked_for(lmkit_run: Run, folder: Path) -> None:
    models = ("a.safetensors", "b.arpa.gz")
    lmkit_run("ngram", "mix", *models, "-o", "built")
    assert isinstance(lmkit.load("built"), lmkit.NgramModel)
    assert lmkit_run("ngram", "mix", *models, "-o", "r.recipe.json").code == 0
    by_option = lmkit_run("ngram", "mix", *models, "--to", "recipe").out
    assert by_option.encode() == (folder / "r.recipe.json").read_bytes()
    assert figures(lmkit_run, "r.recipe.json") == figures(lmkit_run, models[0], "--mix", f"{models[1]}:0.5")
    lmkit_run("ngram", "mix", "r.recipe.json", "-o", "rebuilt")
    assert figures(lmkit_run, "rebuilt") == figures(lmkit_run, "built")


def test_models_that_are_not_all_of_ngrams_become_a_recipe(lmkit_run: Run, recipe: Path) -> None:
    again = lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", "--weight", "0.7,0.3")
    assert (again.code, again.raw) == (0, recipe.read_bytes())
    lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", "--weight", "0.7,0.3", "-o", "m")
    assert Path("m").read_bytes() == recipe.read_bytes()
    title = families.FAMILIES[families.KENLM].title
    for asked in (("-o", "x.arpa"), ("--to", "arpa")):
        refused = lmkit_run("ngram", "mix", "a.safetensors", "hashed.bin", *asked)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == (
            f"lmkit: hashed.bin holds {title}: a mixture with it is no n-gram model, and has no arpa file.\n"
            "Write its recipe: end the name in .recipe.json, or say --to recipe.\n"
        )
    assert not Path("x.arpa").exists()


def test_paths_below_the_recipe_are_relative_and_others_absolute(folder: Path) -> None:
    (folder / "here" / "below").mkdir(parents=True)
    shutil.copy("a.safetensors", "here/below/a.safetensors")
    models = [lmkit.load("here/below/a.safetensors"), lmkit.load("b.arpa.gz")]
    made = lmkit.recipe(models, ["here/below/a.safetensors", "b.arpa.gz"])
    lmkit.save(made, "here/m.recipe.json")
    said = json.loads(Path("here/m.recipe.json").read_text(encoding="utf-8"))
    assert [each["file"] for each in said["components"]] == ["below/a.safetensors", str(folder / "b.arpa.gz")]
    shutil.move("here", "there")
    moved = lmkit.load("there/m.recipe.json")
    lmkit.save(moved, folder / "m.recipe.json")  # and the recipe of a mixture that was loaded may lie anywhere
    said = json.loads((folder / "m.recipe.json").read_text(encoding="utf-8"))
    assert [each["file"] for each in said["components"]] == ["there/below/a.safetensors", "b.arpa.gz"]


def test_names_that_are_no_utf8_come_back(folder: Path) -> None:
    name = b"\xe9t\xe9.safetensors".decode("utf-8", "surrogateescape")
    shutil.copy("a.safetensors", name)
    models = [lmkit.load("b.arpa.gz"), lmkit.load(name)]
    lmkit.save(lmkit.recipe(models, ["b.arpa.gz", name]), folder / "m.recipe.json")
    assert lmkit.load(folder / "m.recipe.json").recipe.components[1].file == name


def test_a_recipe_from_standard_input_starts_from_the_working_directory(recipe: Path) -> None:
    line = f"cd {recipe.parent} && lmkit perplexity -q - {TEXT} < m.recipe.json"
    assert shell(line.replace("lmkit ", "PYTHONPATH=$OLDPWD lmkit ")).returncode == 0
    piped = line.replace("- ", "<(cat m.recipe.json) ").removesuffix(" < m.recipe.json")
    assert shell(piped.replace("lmkit ", "PYTHONPATH=$OLDPWD lmkit ")).returncode == 0
    (recipe.parent / "elsewhere").mkdir()
    refused = shell(line.replace(f"cd {recipe.parent}", f"cd {recipe.parent}/elsewhere").replace("< m", "< ../m"))
    assert refused.returncode == 1
    assert refused.stderr.decode().startswith(
        "lmkit: <stdin>: component 1, a.safetensors, is missing: there is no file "
    )


def test_a_compressed_recipe_is_read(lmkit_run: Run, recipe: Path) -> None:
    Path("m.gz").write_bytes(gzip.compress(recipe.read_bytes()))
    assert figures(lmkit_run, "m.gz") == figures(lmkit_run, recipe)


def refusal(run: Run, recipe: str) -> str:
    """What `lmkit perplexity` says of a recipe."""
    result = run("perplexity", recipe, TEXT)
    assert (result.code, result.out) == (1, "")
    return result.err


def test_a_changed_model_is_told(lmkit_run: Run, recipe: Path) -> None:
    written = json.loads(recipe.read_text(encoding="utf-8"))["components"][0]
    size = written["bytes"]
    shutil.copy("en.safetensors", "a.safetensors")
    now = Path("a.safetensors").stat().st_size
    digest = shell(f"sha256sum {recipe.parent}/a.safetensors").stdout.decode()[:12]
    assert refusal(lmkit_run, "m.recipe.json") == (
        "lmkit: m.recipe.json: component 1, a.safetensors, has changed since the recipe was written: "
        f"{recipe.parent}/a.safetensors has {now:,} bytes and the SHA-256 {digest}…, and not {size:,} and {written['sha256'][:12]}….\n"
        "Put the file back as it was; or make the recipe again, of the models as they are now: lmkit ngram mix.\n"
    )


def test_a_missing_model_is_told_as_written_and_as_looked_for(lmkit_run: Run, recipe: Path) -> None:
    Path("hashed.bin").unlink()
    assert refusal(lmkit_run, "m.recipe.json") == (
        f"lmkit: m.recipe.json: component 2, hashed.bin, is missing: there is no file {recipe.parent}/hashed.bin.\n"
        "Put it there, or correct its path in the recipe: paths are absolute, or start from the folder of the recipe "
        "(of one from standard input, a pipe or elsewhere, from the working directory).\n"
    )


def test_a_name_that_no_file_can_have_is_of_a_missing_model(lmkit_run: Run, recipe: Path) -> None:
    edited(recipe, lambda said: said["components"][0].update(file="\ud800"))  # as JSON can have it: no file system can
    assert f"is missing: there is no file {recipe.parent}/\N{REPLACEMENT CHARACTER}." in refusal(
        lmkit_run, "m.recipe.json"
    )


def test_a_recipe_in_itself_is_told(lmkit_run: Run, recipe: Path) -> None:
    shutil.copy(recipe, "outer.recipe.json")
    edited(Path("outer.recipe.json"), lambda said: said["components"][0].update(file="m.recipe.json"))
    inner = lmkit.recipe([lmkit.load(recipe)] * 2, [recipe] * 2).components[0]
    assert isinstance(inner, lmkit.FileComponent)
    edited(Path("outer.recipe.json"), lambda said: said["components"][0].update(sha256=inner.sha256, bytes=inner.bytes))
    assert lmkit_run("perplexity", "outer.recipe.json", TEXT).code == 0
    edited(recipe, lambda said: said["components"][0].update(file="outer.recipe.json"))
    edited(recipe, lambda said: said["components"].pop(1))
    assert refusal(lmkit_run, "m.recipe.json").startswith(
        "lmkit: m.recipe.json: component 1, outer.recipe.json, has changed"
    )
    edited(recipe, lambda said: said["components"][0].update(file="../" + recipe.parent.name + "/m.recipe.json"))
    path = f"../{recipe.parent.name}/m.recipe.json"
    assert refusal(lmkit_run, "m.recipe.json") == (
        f"lmkit: m.recipe.json: component 1, {path}, is a recipe that it is itself a part of: m.recipe.json -> {path}.\n"
        "Take it out of one of them.\n"
    )


def test_recipes_that_double_their_models_one_in_another_are_refused_before_they_are_too_many(
    lmkit_run: Run, recipe: Path
) -> None:
    said, inner = json.loads(recipe.read_text(encoding="utf-8")), Path("a.safetensors")
    for depth in range(30):
        data = inner.read_bytes()
        component = said["components"][0] | {
            "file": inner.name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "weight": 0.5,
        }
        inner = Path(f"{depth}.recipe.json")
        inner.write_text(json.dumps(said | {"components": [component] * 2}), encoding="utf-8")
    assert lmkit_run("perplexity", "2.recipe.json", TEXT).code == 0
    assert refusal(lmkit_run, inner.name) == (
        f"lmkit: 8.recipe.json: more than {MOST_MODELS} models are mixed.\n"
        "Mix fewer; a recipe that is named twice counts twice.\n"
    )
    many = [component | {"weight": 1 / (MOST_MODELS + 1)}] * (MOST_MODELS + 1)
    inner.write_text(json.dumps(said | {"components": many}), encoding="utf-8")
    assert refusal(lmkit_run, inner.name).startswith(f"lmkit: {inner}: more than {MOST_MODELS} models are mixed.")


CORRECT = "Write it again with `lmkit ngram mix --to recipe`, or correct it by hand: it is JSON."
LATER = "Correct the name, or upgrade lmkit, if a later one wrote it."


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        (lambda said: said.update(lmkit_recipe=0), "the recipe cannot be read: there is no format 0", CORRECT),
        (lambda said: said.update(lmkit_recipe=None), "the recipe cannot be read: there is no format null", CORRECT),
        (
            lambda said: said.update(lmkit_recipe=3, lmkit_version="9.0"),
            f"written by lmkit 9.0 in format 3 of recipes; lmkit {lmkit.__version__} reads formats up to 2",
            "Upgrade lmkit.",
        ),
        (
            lambda said: said.update(note="mine"),
            'it has "note", which recipes of format 1 have not',
            LATER,
        ),
        (lambda said: said.pop("components"), 'the recipe cannot be read: "components" is no list of models', CORRECT),
        (
            lambda said: said["components"].append({"cache": 1000, "weight": 0.1}),
            'component 3 has "cache", which recipes of format 1 have not',
            LATER,
        ),
        (lambda said: said["components"].append(7), "the recipe cannot be read: component 3 is 7, and no object", CORRECT),
        (
            lambda said: said["components"][0].pop("weight"),
            'the recipe cannot be read: component 1 has no "weight"',
            CORRECT,
        ),
        (
            lambda said: said["components"][0].update(weight="0.7"),
            'the recipe cannot be read: "weight" of component 1 is "0.7", and not a number',
            CORRECT,
        ),
        (
            lambda said: said["components"][0].update(bytes=True),
            'the recipe cannot be read: "bytes" of component 1 is true, and not a whole number',
            CORRECT,
        ),
        (
            lambda said: said["components"][0].update(weight=-0.7),
            "the recipe cannot be read: component 1 has the weight -0.7, which must be above 0",
            CORRECT,
        ),
        (
            lambda said: said["components"][0].update(weight=10**400),
            'the recipe cannot be read: "weight" of component 1 is a number too large',
            CORRECT,
        ),
        (
            lambda said: said["components"][0].update(weight=0.5),
            "the weights 0.5 0.3 sum to 0.8; they must be above 0 and sum to 1",
            "Correct them: they stand in the recipe.",
        ),
        (
            lambda said: said["components"].pop(),
            "a mixture has two models or more",
            "Correct them: they stand in the recipe.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_recipe_is_told(
    lmkit_run: Run, recipe: Path, change: Callable[[dict[str, Any]], object], problem: str, remedy: str
) -> None:
    edited(recipe, change)
    assert refusal(lmkit_run, "m.recipe.json") == f"lmkit: m.recipe.json: {problem}.\n{remedy}\n"


def test_a_recipe_that_is_cut_short_is_told(lmkit_run: Run, recipe: Path) -> None:
    recipe.write_bytes(recipe.read_bytes()[:-20])
    assert refusal(lmkit_run, "m.recipe.json").startswith(
        "lmkit: m.recipe.json: the recipe cannot be read: it is no JSON: "
    )


def test_what_gives_no_probabilities_is_no_component(lmkit_run: Run, recipe: Path) -> None:
    lmkit.save(ROYAL, "v.safetensors")
    found = lmkit.recipe([lmkit.load("a.safetensors")] * 2, ["v.safetensors"] * 2).components[0]
    assert isinstance(found, lmkit.FileComponent)
    new = {"file": "v.safetensors", "sha256": found.sha256, "bytes": found.bytes}
    edited(recipe, lambda said: said["components"][0].update(new))
    assert "v.safetensors holds word vectors, and a model that gives texts probabilities is needed." in refusal(
        lmkit_run, "m.recipe.json"
    )


def test_what_is_no_file_has_no_place_in_a_recipe(lmkit_run: Run, folder: Path) -> None:
    refused = lmkit_run("ngram", "mix", "a.safetensors", "/dev/null", "-o", "m.recipe.json")
    assert refused.code == 1
    with pytest.raises(DataError) as error:
        lmkit.recipe(unigrams()[:2], ["a.safetensors", "-"])
    assert str(error.value) == (
        "a recipe names the files of its models, and <stdin> is none.\nWrite the model to a file first."
    )
    with pytest.raises(UsageError, match=r"^there are 2 models and 1 files of them\.$"):
        lmkit.recipe(unigrams()[:2], [folder / "a.safetensors"])
    with pytest.raises(UsageError, match=r"the weights 0\.5 0\.6 sum to 1\.1"):
        lmkit.recipe(unigrams()[:2], ["a.safetensors", "b.arpa.gz"], [0.5, 0.6])


def test_a_recipe_is_not_written_over_a_model_that_it_names(lmkit_run: Run, recipe: Path) -> None:
    before = recipe.read_bytes()
    refused = lmkit_run("ngram", "mix", "m.recipe.json", "en.safetensors", "-o", recipe)
    assert (refused.code, refused.err) == (
        2,
        f"lmkit: the recipe {recipe} would be written over a model that it names.\nGive it another name.\n",
    )
    made = lmkit.recipe([lmkit.load(recipe), lmkit.load("en.safetensors")], [recipe, "en.safetensors"])
    with pytest.raises(UsageError, match=r"would be written over a model that it names\."):
        lmkit.save(made, "m.recipe.json")
    assert recipe.read_bytes() == before
    lmkit.save(lmkit.load(recipe), recipe)  # its own place is that of no model
    assert recipe.read_bytes() == before
