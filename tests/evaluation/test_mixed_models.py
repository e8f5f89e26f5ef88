"""Models of a suite that are mixed with other components, under the same names as on the command line."""

import json
from pathlib import Path

import pytest

import lmkit
from lmkit.errors import DataError
from tests.conftest import Run, held_out_text, train_text

TEST = held_out_text("fr")
TEXTS = f'[texts]\ntest = "{TEST}"\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models of the French training text, and classes of its words: by their lengths."""
    folder = tmp_path_factory.mktemp("models")
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    lmkit.save(lmkit.witten_bell(counts), folder / "wb.safetensors")
    lmkit.save(lmkit.laplace(counts), folder / "laplace.safetensors")
    words = sorted(set(train_text("fr").read_text(encoding="utf-8").split()))
    classes = "".join(f"{word}\tlength{len(word)}\n" for word in words)
    (folder / "lengths.tsv").write_text(classes, encoding="utf-8")
    return folder


def suite(folder: Path, text: str) -> Path:
    """A suite in a folder."""
    path = folder / "suite.toml"
    path.write_text(text + TEXTS, encoding="utf-8")
    return path


def test_a_mixed_model_has_the_figures_of_perplexity_with_mix(made: Path, lmkit_run: Run) -> None:
    mix = ["laplace.safetensors:0.2", "cache:100,decay=0.01:0.08", "classes:lengths.tsv:0.1", "uniform:0.001"]
    path = suite(
        made,
        f'[models]\nplain = "wb.safetensors"\n[models.mixed]\npath = "wb.safetensors"\nmix = {json.dumps(mix)}\n'
        '[models.one]\npath = "wb.safetensors"\nmix = "laplace.safetensors"\n',
    )
    found = {pair.pair.model.name: pair.figures for pair in lmkit.evaluate(path).pairs}
    beside = [each.replace("classes:", f"classes:{made}/").replace("laplace", f"{made}/laplace") for each in mix]
    for name, given in (("plain", []), ("mixed", beside), ("one", [f"{made}/laplace.safetensors"])):
        options = [part for each in given for part in ("--mix", each)]
        expected = json.loads(lmkit_run("perplexity", made / "wb.safetensors", TEST, *options, "--json").out)
        figures = found[name]
        assert figures is not None
        assert (figures.log10_prob, figures.signature) == (expected["log10_prob"], expected["signature"])


def test_a_model_that_is_given_is_mixed_too(made: Path) -> None:
    path = suite(made, '[models.given]\nmix = ["cache:100:0.1"]\n')
    model = lmkit.load(made / "wb.safetensors")
    (pair,) = lmkit.evaluate(path, models={"given": model}).pairs
    cache = lmkit.CacheModel(model.vocabulary, 100, 0.0, model.settings)
    assert pair.figures == lmkit.perplexity(lmkit.mixture([model, cache], [0.9, 0.1]), TEST)


def test_mistakes_in_components_are_listed_with_their_lines(made: Path) -> None:
    path = suite(
        made,
        '[models.a]\npath = "wb.safetensors"\nmix = ["cache:0:0.1",\n  "classes:none.tsv:0.1", "none:0.1",\n  "-"]\n'
        '[models.b]\npath = "wb.safetensors"\nmix = "cache"\n'
        '[models.c]\npath = "wb.safetensors"\nmix = ["cache:9:0.1", "cache:9:0.2"]\n'
        '[models.d]\npath = "wb.safetensors"\nmix = 3\n',
    )
    with pytest.raises(DataError) as error:
        lmkit.read_suite(path)
    lines = str(error.value).splitlines()[1:]
    expected = [
        "3: mix: cache:0:0.1: a cache of '0' words; its size is a whole number from 1 to 10,000,000. A component is",
        f"4: there is no file {made}/none (mix of models.a).",
        f"4: there is no file {made}/none.tsv (mix of models.a).",
        "5: standard input cannot be part of a suite: name a file.",
        "8: mix: cache has no weight, and is no model that an equal share would be right for.",
        "11: mix: cache:9 is there twice. Give it once, with the weight of both.",
        "14: mix is 3; it must be a string or an array of strings.",
    ]
    assert [line.startswith(f"{path}:{start}") for line, start in zip(lines, expected, strict=True)] == [True] * 7


def test_what_cannot_be_mixed_fails_for_its_model_alone(made: Path) -> None:
    (made / "bad.tsv").write_text("le\n", encoding="utf-8")
    path = suite(
        made,
        '[models]\nplain = "wb.safetensors"\n[models.bad]\npath = "wb.safetensors"\nmix = ["classes:bad.tsv:0.1"]\n',
    )
    plain, bad = lmkit.evaluate(path).pairs
    assert plain.figures is not None
    assert (bad.figures, "bad.tsv" in bad.error) == (None, True)
