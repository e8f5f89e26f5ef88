"""Models of characters and bytes: files, smoothing, commands, and what the documentation says of them."""

import io
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.smoothing.methods.kneser_ney import kneser_ney
from lmkit.text.settings import Unit
from tests.conftest import ROOT, Result, held_out_text, text_file, train_text
from tests.older_formats import in_format
from tests.units_by_hand import CHARACTERS, UNITS, joined, lines_of_text, orders, saved, stream, words_of

Run = Callable[..., Result]


@given(lines_of_text, orders, st.sampled_from(UNITS), st.booleans())
def test_models_read_back_as_they_were(lines: list[str], order: int, unit: Unit, closed: bool) -> None:
    text = "x y\n" + joined(lines)
    counts = lmkit.count_ngrams(stream(text), order, settings=lmkit.TextSettings(unit=unit))
    assert saved(lmkit.load_counts(io.BytesIO(saved(counts)))) == saved(counts)
    model = kneser_ney(counts, discount_fallback="generalised", closed=closed)
    expected = lmkit.perplexity(model, stream(text + "ɣ\n"))
    assert f"|unit:{unit}|" in expected.signature
    with tempfile.TemporaryDirectory() as folder:
        for name in ("m.arpa", "m.safetensors"):
            lmkit.save(model, Path(folder) / name)
            again = lmkit.load_model(Path(folder) / name)
            found = lmkit.perplexity(again, stream(text + "ɣ\n"))
            assert found.log10_prob == pytest.approx(expected.log10_prob, rel=1e-6)  # ARPA files round
            assert found == expected or name == "m.arpa"
            assert again.vocabulary.words == model.vocabulary.words


def test_files_from_before_there_were_units_are_of_words(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text("en"), 2)
    model = lmkit.kneser_ney(counts).with_values()  # older files hold probabilities
    expected = lmkit.perplexity(model, held_out_text("en"))
    for value, name in ((counts, "c"), (model, "m"), (model, "m.arpa")):
        path = tmp_path / name
        lmkit.save(value, path)
        data = path.read_bytes()
        (stored,) = re.findall(rb'\\?"unit\\?": \\?"word\\?", ', data)
        older = in_format(data.replace(stored, b" " * len(stored)), 2)
        path.write_bytes(older)
        again = lmkit.load(path)
        assert again.settings == lmkit.TextSettings()
        assert b"unit" not in older
        if isinstance(again, lmkit.NgramModel):
            assert lmkit.perplexity(again, held_out_text("en")) == expected


def test_a_model_applies_its_unit_and_refuses_the_contrary(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "ab ab\n")
    lmkit_run("ngram", "train", "--unit", "character", "-n", 2, text, "-o", tmp_path / "c")
    lmkit_run("smooth", "--laplace", tmp_path / "c", "-o", tmp_path / "m.arpa")
    for model in ("c", "m.arpa"):
        assert json.loads(lmkit_run("perplexity", tmp_path / model, text, "--json").out)["tokens"] == 6
        refused = lmkit_run("perplexity", tmp_path / model, text, "--unit", "word")
        assert refused.code == 2
        assert refused.err == (
            "lmkit: unit is word here, but the model was made with unit character.\n"
            "The model applies its own setting: leave the option out, or train a model with unit word (--force scores all the same).\n"
        )
        assert lmkit_run("entropy", "--model", tmp_path / model, text, "--unit", "byte").code == 2
    lmkit_run("ngram", "train", "-n", 2, text, "-o", tmp_path / "w")
    refused = lmkit_run("ngram", "merge", tmp_path / "c", tmp_path / "w", "-o", tmp_path / "x")
    assert refused.err.startswith("lmkit: the texts were read in different ways: unit character and word.\n")


def test_models_of_other_tools_take_characters_by_name(tmp_path: Path) -> None:
    """Another tool counted words that were characters put apart under lmkit's names."""
    text = "ab b\n"
    model = lmkit.laplace(lmkit.count_ngrams(words_of(text, "character"), 2))
    path = tmp_path / "m.arpa"
    lmkit.save(model, path)
    path.write_bytes(re.sub(rb"^# lmkit .*\n", b"", path.read_bytes()))
    figures = lmkit.perplexity(lmkit.load_model(path), stream(text), settings=CHARACTERS)
    assert (figures.tokens, figures.oov) == (5, 0)
    assert figures.perplexity == pytest.approx(lmkit.perplexity(model, words_of(text, "character")).perplexity)


def test_unknown_units_are_refused(lmkit_run: Run) -> None:
    with pytest.raises(UsageError, match="unit is 'syllable'; it must be one of: word, character, byte"):
        lmkit.TextSettings(unit="syllable")  # type: ignore[arg-type]
    assert lmkit_run("count", "--unit", "syllable", train_text("en")).code == 2


# Smoothing


@pytest.mark.parametrize("unit", UNITS)
def test_discounts_that_few_units_do_not_support_are_an_error_with_its_remedy(unit: Unit) -> None:
    # a stands after <s> and a, b after a, </s> after b: n1 = 2, n2 = 1.
    counts = lmkit.count_ngrams(stream("aaab\n"), 2, settings=lmkit.TextSettings(unit=unit))
    with pytest.raises(DataError) as caught:
        kneser_ney(counts)
    assert str(caught.value) == (
        "the discounts of order 1 cannot be estimated: n1, n2, n3, n4 = 2, 1, 0, 0, and n1, n2 and n3 must not be 0 "
        "(n_j: the number of 1-grams with adjusted count j).\n"
        f"There are few different {unit}s, and most of them are frequent: low orders may have too few n-grams seen once, twice or "
        "three times, however long the text is. Use `lmkit smooth` with --discount-fallback generalised, which finds "
        "discounts for the orders that fail, or --discounts D1 D2 D3 for all orders."
    )


@pytest.mark.parametrize("unit", UNITS)
def test_the_generalised_fallback_gives_a_model_that_sums_to_one(unit: Unit) -> None:
    frequent = re.sub("[^etaoinsr \n]", "", train_text("en").read_text(encoding="utf-8"))  # each follows all others
    counts = lmkit.count_ngrams(stream(frequent), 4, settings=lmkit.TextSettings(unit=unit))
    with pytest.raises(DataError, match="the discounts of order 1 cannot be estimated"):
        kneser_ney(counts)
    model = kneser_ney(counts, discount_fallback="generalised", precision="double")
    assert "discounts:estimated,generalised@1,generalised@2|" in model.signature()
    for history in ("", "<s>", "t", "t h", "t h e", "q q q", "ɖ"):
        names = " ".join(name for part in history.split() for name in (
            [part] if part == "<s>" else lmkit.unit_names(part, unit)))  # fmt: skip
        total = float((10.0 ** lmkit.conditional_log10_probs(model, names)).sum())
        assert total == pytest.approx(1, abs=1e-9), history
    assert lmkit.perplexity(model, held_out_text("en")).zero_probability_tokens == 0


# The command line


def test_commands_count_units(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "aé é\n")
    assert lmkit_run("count", "--unit", "character", text).out == "é\t2\na\t1\n␣\t1\n"
    pairs = lmkit_run("count", "--unit", "character", "-n", 2, "--no-markers", "--json", text).out.splitlines()
    assert [json.loads(line)["ngram"] for line in pairs] == ["a é", "é ␣", "␣ é"]
    assert lmkit_run("count", "--unit", "byte", "--top", 2, text).out == "<0xA9>\t2\n<0xC3>\t2\n"
    assert lmkit_run("onehot", "--unit", "character", text).out == "token\tindex\na\t3\né\t4\n␣\t5\né\t4\n"
    cells = lmkit_run("cooc", "--unit", "character", "--window", 1, "--directed", text).out
    assert cells == "a\té\t1\né\t␣\t1\n␣\té\t1\n"
    figures = json.loads(lmkit_run("entropy", "--unit", "character", "--json", text).out)
    assert (figures["types"], figures["tokens"], figures["entropy_bits"]) == (3, 4, 1.5)  # 1/2, 1/4, 1/4
    assert figures["signature"].startswith("order:1|cutoff:1|sentences:line|unit:character|tokenizer:whitespace|")
    assert json.loads(lmkit_run("entropy", "--unit", "byte", "--json", text).out)["types"] == 4


def test_matrices_of_bytes_have_a_column_for_each(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "ab\n")
    lmkit_run("onehot", "--unit", "byte", text, "-o", tmp_path / "x.npz")
    found = lmkit.load_matrix(tmp_path / "x.npz")
    assert (found.matrix.shape, found.words.words[3:6]) == ((2, 259), [b"<0x61>", b"<0x62>", b"<0x00>"])


def test_tokens_are_shown_by_name(lmkit_run: Run, tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b\n")
    lmkit_run("ngram", "train", "--unit", "character", "--lowercase", "-n", 2, text, "-o", tmp_path / "c")
    rows = lmkit_run("perplexity", tmp_path / "c", "--by", "token", text_file(tmp_path, "\nA ɖ", "t")).out.splitlines()
    assert [row.split("\t")[:2] for row in rows[1:]] == [["2", "a"], ["2", "␣"], ["2", "ɖ"], ["2", "</s>"]]
    assert [row.split("\t")[4] for row in rows[1:]] == ["0", "0", "1", "0"]
    scores = lmkit.score_sentence(lmkit.load_counts(tmp_path / "c"), "A ")
    assert [score.token for score in scores] == ["a", "␣", "</s>"]


def test_the_python_of_the_page_on_units_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "topics" / "units.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    assert names["model"].settings == CHARACTERS


def test_generated_characters_and_bytes_are_text_again(lmkit_run: Run, tmp_path: Path) -> None:
    """Trained on one sentence, whose every history has one follower, order 9 can say nothing else."""
    text = text_file(tmp_path, "été à Lomé\n")
    for unit in ("character", "byte"):
        lmkit_run("ngram", "train", "--unit", unit, "-n", 9, text, "-o", tmp_path / unit)
        result = lmkit_run("generate", tmp_path / unit, "--count", 2, "--seed", 1, "--prompt", "été")
        assert (result.code, result.out) == (0, "été à Lomé\nété à Lomé\n")
        best = lmkit_run("next", tmp_path / unit, "été ", "--top", 1).out.splitlines()[1].split("\t")
        assert best[0] == ("à" if unit == "character" else "<0xC3>")
