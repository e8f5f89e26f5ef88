"""Quantizing: KenLM's perplexities, few distinct values, and nothing lost where there are few anyway."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.files.tensors import read_tensors
from lmkit.errors import UsageError
from lmkit.ngrams.backoff.quantizing import APART, quantized
from tests.conftest import REFERENCE, Run, held_out_text, train_text
from tests.ngrams.files.test_compact import written

# `build_binary -q 4 -b 4 trie` of its own ARPA files, and `query` of the held-out texts
KENLM_FOUR_BITS = {("fr", 3): 31.009048834993212, ("fr", 5): 30.07087281550135, ("en", 3): 22.89400917217668}


@pytest.mark.parametrize(("language", "order"), KENLM_FOUR_BITS)
def test_the_perplexity_is_that_of_kenlms_quantized_model(language: str, order: int) -> None:
    model = lmkit.quantize(lmkit.load_model(REFERENCE / "kenlm" / f"{language}.o{order}.arpa.gz"), 4)
    found = lmkit.perplexity(model, held_out_text(language)).perplexity
    assert found == pytest.approx(KENLM_FOUR_BITS[language, order], rel=1e-6)


def test_bins_hold_equally_many_values_and_their_mean_stands_for_what_is_nearest() -> None:
    """Bins {−9, −8}, {−4, −2}, {−1.9, −1} of means −8.5, −3, −1.45: −2 is nearest to the last, whose bin it is not in."""
    values = np.array([-1.0, -2.0, -9.0, -1.9, -8.0, -4.0])
    assert quantized(values, 2, APART[:1]).tolist() == pytest.approx([-1.45, -1.45, -8.5, -1.45, -8.5, -3.0])


def test_zeros_and_ones_stay_what_they_are() -> None:
    """They are two of the four values; the others are the means −3 of {−4, −3.5, −1.5} and 0.5 of {0.25, 0.5, 0.75}."""
    values = np.array([0.0, -np.inf, -4.0, -3.5, -1.5, 0.25, 0.5, 0.75])
    assert quantized(values, 2, APART).tolist() == [0.0, -np.inf, -3.0, -3.0, -3.0, 0.5, 0.5, 0.5]


@given(st.lists(st.floats(-9, 2, width=32), max_size=80), st.integers(2, 5))
def test_no_more_values_are_left_than_bits_have_room_for_and_none_moves_beyond_the_others(
    numbers: list[float], bits: int
) -> None:
    values = np.array(numbers, np.float32)
    found = quantized(values, bits, APART)
    few = len(set(numbers) - {0.0}) <= (1 << bits) - len(APART)
    assert np.array_equal(found, values) if few else len({*found.tolist(), *APART}) <= 1 << bits
    ascending = found[values != 0][np.argsort(values[values != 0])]
    assert found.dtype == np.float32
    assert (np.diff(ascending) >= 0).all()


@pytest.mark.parametrize("smoothing", [lmkit.kneser_ney, lmkit.witten_bell, lmkit.laplace, lmkit.katz])
def test_a_quantized_model_says_so_and_keeps_words_as_they_are(smoothing: object) -> None:
    assert callable(smoothing)
    model = smoothing(lmkit.count_ngrams(train_text("fr"), 3))
    found = lmkit.quantize(model, 6)
    assert "|quantized:6|" in found.signature()
    assert found.counts is None
    assert [len(np.unique(probs)) <= 64 for probs in found.log10_probs[1:]] == [True, True]
    assert lmkit.perplexity(found, held_out_text("fr")).perplexity == pytest.approx(
        lmkit.perplexity(model, held_out_text("fr")).perplexity, rel=0.1
    )


def test_quantized_values_are_a_byte_each_in_the_file() -> None:
    model = lmkit.quantize(lmkit.load_model(REFERENCE / "kenlm" / "fr.o3.arpa.gz"), 8)
    data = written(model, compact=False)
    tensors, _ = read_tensors(data)
    codes = [tensors[name] for name in ("prob_codes.2", "prob_codes.3", "backoff_codes.2")]
    assert [(each.dtype.name, len(each)) for each in codes] == [("uint8", model.ngrams()[k]) for k in (2, 3, 2)]
    again = lmkit.load_model(io.BytesIO(data))
    for found, expected in zip(again.log10_probs, model.log10_probs, strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("bits", [-1, 0, 1, 17])
def test_bits_that_make_no_sense_are_wrong_usage(bits: int) -> None:
    with pytest.raises(UsageError, match="it must be 2 to 16"):
        lmkit.quantize(lmkit.load_model(REFERENCE / "kenlm" / "fr.o2.arpa.gz"), bits)


def test_convert_tells_sizes_and_perplexities_before_and_after(tmp_path: object, lmkit_run: Run) -> None:
    arpa, text = REFERENCE / "kenlm" / "fr.o3.arpa.gz", held_out_text("fr")
    output = f"{tmp_path}/q.safetensors"
    result = lmkit_run("ngram", "convert", arpa, "--quantize", 4, "--held-out", text, "-o", output)
    lines = result.err.splitlines()
    assert lines[0] == f"lmkit: perplexity of {text}: 29.24518 before, 31.00905 after (+6.03%)"
    assert lines[1] == f"lmkit: wrote {output}"
    assert lines[2].startswith(f"lmkit: size: {arpa.stat().st_size:,} bytes before, ")
    assert len(lines) == 3
    assert lmkit_run("perplexity", output, text).out.startswith("perplexity\t31.00905")


def test_a_held_out_text_without_quantizing_is_wrong_usage(lmkit_run: Run, tmp_path: object) -> None:
    result = lmkit_run(
        "ngram",
        "convert",
        REFERENCE / "kenlm" / "fr.o2.arpa.gz",
        "--held-out",
        held_out_text("fr"),
        "-o",
        f"{tmp_path}/x",
    )
    assert (result.code, result.err) == (
        2,
        "lmkit: --held-out measures what --quantize changes, and nothing is quantized.\nAdd --quantize BITS, or leave --held-out out.\n",
    )
