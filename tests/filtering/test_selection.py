"""lmkit filter --against: the difference of cross-entropies (Moore & Lewis 2010)."""

import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.filtering.filtering import RecordSource
from lmkit.filtering.measuring import Measuring, difference
from lmkit.filtering.thresholds import read_thresholds, thresholds_of
from lmkit.scoring.records import RecordFigures
from tests.conftest import Run, text_file
from tests.filtering.two_models import DIFFERENCES, DOMAIN, GENERAL, both_models, unigrams, values_in, written

LINES = list(DIFFERENCES)
FORMATS = ("lines.txt", "lines.jsonl", "lines.csv", "lines.tsv", "lines.parquet")


def test_the_difference_is_that_of_cross_entropies_in_bits_a_token(lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    text = written(tmp_path, "lines.jsonl", {"text": LINES})
    records = list(
        map(json.loads, lmkit_run("filter", domain, text, "--against", general, "--append").out.splitlines())
    )
    assert {record["text"]: record["difference"] for record in records} == pytest.approx(DIFFERENCES, abs=1e-6)
    # The other figures are those of the domain; what the general model says follows from both.
    assert records[0]["perplexity"] == pytest.approx(2 ** ((1 + 3) / 2), rel=1e-6)
    assert list(records[0]) == ["text", "perplexity", "log10_prob", "tokens", "oov", "bits_per_byte", "difference"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_best_are_kept_in_every_format(name: str, lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    text = written(tmp_path, name, {"text": LINES})
    kept = tmp_path / f"kept{text.suffix}"
    for options, expected in (
        (["--max-difference", "-0.4"], ["a", "a a"]),
        (["--max-difference", "-0.4", "--invert"], ["b", "c"]),
        (["--keep", "1"], ["a a"]),
        (["--keep", "75%"], ["a", "a a", "c"]),
    ):
        ran = lmkit_run("filter", domain, text, "--against", general, *options, "-o", kept)
        assert (ran.code, values_in(kept, "text")) == (0, expected)


def test_buckets_are_those_of_the_difference(lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    text = written(tmp_path, "lines.txt", {"text": LINES})
    sorting = ["--against", general, "--quantiles", "0.25,0.75"]
    ran = lmkit_run("filter", domain, text, *sorting, "-o", tmp_path / "{bucket}.txt")
    assert ran.code == 0
    found = {name: (tmp_path / f"{name}.txt").read_text("utf-8") for name in ("head", "middle", "tail")}
    assert found == {"head": "a a\n", "middle": "a\nc\n", "tail": "b\n"}


def test_thresholds_of_perplexity_are_none_of_a_difference(lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    text = written(tmp_path, "lines.txt", {"text": LINES})
    thresholds = tmp_path / "thresholds.json"
    lmkit_run("filter", domain, text, "--quantiles", "0.5", "--thresholds-only", "-o", thresholds)
    sorting = ["--thresholds", thresholds, "-o", tmp_path / "{bucket}.txt"]
    ran = lmkit_run("filter", domain, text, "--against", general, *sorting)
    assert ran.code == 2
    assert ran.err.startswith("lmkit: the thresholds were found with another model: ")


def test_models_of_different_units_cannot_be_subtracted(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    text = text_file(tmp_path, "a cat\n")
    characters = tmp_path / "characters.safetensors"
    settings = lmkit.TextSettings(unit="character", lowercase=True)
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(text, 2, settings=settings)), characters)
    ran = lmkit_run("filter", english_model, text, "--against", characters, "--max-difference", "0")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "lmkit: the model and the one of --against are made of different tokens: unit is word and character; lowercase is no and yes.\n"
        "Cross-entropies a token can be subtracted only where tokens are the same: train both with the same options.\n"
    )


def test_models_that_know_other_words_are_warned_of(lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    wider = unigrams(tmp_path, "wider.arpa", GENERAL | {"d": 4, "<unk>": 4})
    text = written(tmp_path, "lines.txt", {"text": LINES})
    told = "lmkit: the model knows 2 words and the one of --against 3, of which 2 are the same:"
    assert told in lmkit_run("filter", domain, text, "--against", wider, "--keep", "1").err
    assert "knows" not in lmkit_run("filter", domain, text, "--against", general, "--keep", "1").err
    other_ids = unigrams(tmp_path, "ids.arpa", {"b": 1, "a": 3, "</s>": 2, "<unk>": 3})
    assert "knows" not in lmkit_run("filter", domain, text, "--against", other_ids, "--keep", "1").err


def test_a_limit_of_two_models_needs_both(lmkit_run: Run, tmp_path: Path) -> None:
    domain, _ = both_models(tmp_path)
    ran = lmkit_run("filter", domain, text_file(tmp_path, "a\n"), "--max-difference", "0")
    told = "--max-difference is of two models.\nName the one of text in general with --against.\n"
    assert (ran.code, ran.err) == (2, f"lmkit: {told}")


def test_two_models_do_not_share_standard_input(lmkit_run: Run, tmp_path: Path) -> None:
    domain, _ = both_models(tmp_path)
    ran = lmkit_run("filter", domain, "-", "--against", "-", "--max-difference", "0")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "lmkit: --against and the text would both be standard input.")


def figures_of(log10_probs: list[float], tokens: list[int]) -> RecordFigures:
    """The figures of records."""
    numbers = np.array(tokens)
    return RecordFigures(np.array(log10_probs), numbers, numbers, numbers, numbers, numbers)


def test_nothing_speaks_for_a_record_that_the_domain_cannot_have() -> None:
    domain = figures_of([-np.inf, -np.inf, -2.0, 0.0], [1, 1, 1, 0])
    general = figures_of([-1.0, -np.inf, -np.inf, 0.0], [1, 1, 1, 0])
    np.testing.assert_array_equal(difference(domain, general), [np.inf, np.inf, -np.inf, np.nan])


lines_of_words = st.lists(st.lists(st.sampled_from("abc"), max_size=5).map(" ".join), min_size=1, max_size=20)


@given(lines_of_words)
def test_models_in_each_others_place_give_the_opposite(lines: list[str]) -> None:
    text = "\n".join(lines).encode() + b"\n"
    one, other = (
        lmkit.laplace(lmkit.count_ngrams(io.BytesIO(trained), 2, vocabulary=lmkit.Vocabulary.from_words(WORDS)))
        for trained in (b"a b\nc a a\n", b"b b c\nb\n")
    )

    def differences(model: lmkit.NgramModel, against: lmkit.NgramModel) -> list[float]:
        source = RecordSource(Measuring(model, against=against), io.BytesIO(text))
        return [value for found in source.measured() for value in found.ranks.tolist()]

    there, back = differences(one, other), differences(other, one)
    assert there == pytest.approx([0.0 - value for value in back], nan_ok=True)
    assert [np.isnan(value) for value in there] == [not line for line in lines]
    assert {value for value in differences(one, one) if not np.isnan(value)} <= {0.0}


WORDS = [b"</s>", b"<s>", b"<unk>", b"a", b"b", b"c"]


def test_figures_are_worked_out_by_hand() -> None:
    for bits in (DOMAIN, GENERAL):
        assert sum(2.0**-value for value in bits.values()) == 1.0


def test_text_is_read_as_the_model_in_general_was_made_if_nothing_else_is_known(lmkit_run: Run, tmp_path: Path) -> None:
    domain, _ = both_models(tmp_path)  # of another tool, which does not say how
    counts = lmkit.count_ngrams(text_file(tmp_path, "a b a\n"), 1, settings=lmkit.TextSettings(lowercase=True))
    general = tmp_path / "general.safetensors"
    lmkit.save(lmkit.laplace(counts), general)
    text = text_file(tmp_path, "A B\n", "text.txt")
    ran = lmkit_run("filter", domain, text, "--against", general, "--append")
    assert ran.out.split("\t")[4] == "0"  # no OOV
    ran = lmkit_run("filter", domain, text, "--against", general, "--append", "--no-lowercase")
    assert (ran.code, ran.err.splitlines()[0]) == (
        2, "lmkit: lowercase is no here, but the model was made with lowercase yes.",
    )  # fmt: skip


def test_blank_lines_that_are_sentences_are_sampled_too(lmkit_run: Run, tmp_path: Path) -> None:
    domain, general = both_models(tmp_path)
    text = text_file(tmp_path, "a\n\n\nb\n", "text.txt")
    options = ["--blank-lines", "sentence", "--quantiles", "0.5", "--thresholds-only", "--against", general]
    found = [lmkit_run("filter", domain, text, *options, *more).out for more in ([], ["--sample", "4"])]
    # A blank line is 3 bits in the domain, and 2 in general.
    assert json.loads(found[0])["values"] == pytest.approx([1], abs=1e-6)
    assert [json.loads(each)["of"] for each in found] == [4, 4]
    assert json.loads(found[0])["values"] == json.loads(found[1])["values"]


@pytest.mark.parametrize("said", [["--append"], ["--rejected", "x"]])
def test_thresholds_alone_have_nothing_to_say_of_records(said: list[str], lmkit_run: Run, tmp_path: Path) -> None:
    domain, _ = both_models(tmp_path)
    ran = lmkit_run("filter", domain, text_file(tmp_path, "a\n"), "--quantiles", "0.5", "--thresholds-only", *said)
    told = f"--thresholds-only writes no records, and {said[0]} says something of them.\nLeave one out.\n"
    assert (ran.code, ran.err) == (2, f"lmkit: {told}")


def test_infinite_thresholds_keep_their_sign(tmp_path: Path) -> None:
    found = thresholds_of(np.array([-np.inf, 0.0, np.inf]), (Fraction(1, 3), Fraction(9, 10)), "a model")
    path = text_file(tmp_path, found.to_json())
    assert read_thresholds(str(path)).values == (-np.inf, np.inf)
