"""`lmkit info` tells of any file that lmkit knows, and says the same as the command for files of that kind."""

import json
from pathlib import Path

import pytest

import lmkit
from tests.conftest import TOY, Run, text_file
from tests.vectors.small import ROYAL


def lines_of(run: Run, *arguments: object) -> list[str]:
    """What a command prints."""
    result = run(*arguments)
    assert (result.code, result.err) == (0, "")
    return result.out.splitlines()


@pytest.mark.parametrize(
    ("name", "form", "kind"),
    [
        ("c.safetensors", "safetensors", "counts"),
        ("m.safetensors", "safetensors", "model"),
        ("m.arpa.gz", "ARPA", "model"),
        ("m.bin", "KenLM binary", "model"),
        ("m.recipe.json", "recipe", "model"),
    ],
)
def test_counts_and_models_are_told_as_by_ngram_info(
    lmkit_run: Run, tmp_path: Path, toy_counts: Path, name: str, form: str, kind: str
) -> None:
    counts = lmkit.load_counts(toy_counts)
    model, path = lmkit.witten_bell(counts), tmp_path / name
    lmkit.save(model, tmp_path / "m.safetensors")
    files = [tmp_path / "m.safetensors"] * 2
    lmkit.save(counts if kind == "counts" else lmkit.recipe([model] * 2, files) if form == "recipe" else model, path)
    found = lines_of(lmkit_run, "info", path)
    assert found[:3] == [f"format\t{form}", f"bytes\t{path.stat().st_size}", f"kind\t{kind}"]
    assert found[2:] == lines_of(lmkit_run, "ngram", "info", path)


@pytest.mark.parametrize(
    ("name", "form"), [("v.safetensors", "safetensors"), ("v.vec", "word2vec text"), ("v.glove.txt", "GloVe text")]
)
def test_vectors_are_told_as_by_vectors_info(lmkit_run: Run, tmp_path: Path, name: str, form: str) -> None:
    lmkit.save(ROYAL, tmp_path / name)
    found = lines_of(lmkit_run, "info", tmp_path / name)
    assert found[:3] == [f"format\t{form}", f"bytes\t{(tmp_path / name).stat().st_size}", f"words\t{len(ROYAL)}"]
    assert found == lines_of(lmkit_run, "vectors", "info", tmp_path / name)


def test_a_tokenizer_is_told_as_by_tokenizer_info(lmkit_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
    path = tmp_path / "t.json"
    assert lmkit_run("tokenizer", "train", "-q", "--vocabulary-size", 280, TOY, "-o", path).code == 0
    found = lines_of(lmkit_run, "info", path)
    assert found[:2] == ["format\ttokenizer", f"bytes\t{path.stat().st_size}"]
    assert found[2:] == lines_of(lmkit_run, "tokenizer", "info", path)


def test_what_is_none_of_these_is_refused(lmkit_run: Run, tmp_path: Path) -> None:
    plain = lmkit_run("info", text_file(tmp_path, "le chat dort\n"))
    assert (plain.code, plain.out) == (1, "")
    assert "this is not a model" in plain.err
    assert lmkit_run("info", text_file(tmp_path, '{"a": 1}', "x.json")).code == 1
    assert lmkit_run("info", tmp_path / "missing").err.startswith("lmkit: cannot read ")


def test_json_has_all_figures(lmkit_run: Run, toy_counts: Path) -> None:
    found = json.loads(lmkit_run("info", toy_counts, "--json").out)
    told = json.loads(lmkit_run("ngram", "info", toy_counts, "--json").out)
    assert found == {"format": "safetensors", "bytes": toy_counts.stat().st_size} | told
