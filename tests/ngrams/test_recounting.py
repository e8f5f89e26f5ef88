"""A model that is kept as counts is a counts file, too."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.errors import DataError
from tests.conftest import TOY, Run, held_out_text, train_text
from tests.units_by_hand import saved

KEPT_AS_COUNTS: dict[str, Callable[..., lmkit.NgramModel]] = {
    "kneser-ney": lambda counts: lmkit.kneser_ney(counts, discount_fallback="generalised"),
    "one discount": lambda counts: lmkit.kneser_ney(counts, one_discount=True, discount=0.7),
    "absolute": lambda counts: lmkit.absolute_discounting(counts, 0.5),
    "witten-bell": lmkit.witten_bell,
    "jelinek-mercer": lmkit.jelinek_mercer,
    "laplace": lmkit.laplace,
    "maximum likelihood": lmkit.maximum_likelihood,
}


@pytest.mark.parametrize("smoothing", KEPT_AS_COUNTS)
@pytest.mark.parametrize("counted", [{"order": 1}, {"order": 2, "cutoff": 2}, {"order": 4}])
def test_the_counts_of_a_model_are_those_that_it_was_made_of(
    smoothing: str, counted: dict[str, Any], tmp_path: Path
) -> None:
    counts = lmkit.count_ngrams([train_text("fr"), TOY], **counted)
    lmkit.save(KEPT_AS_COUNTS[smoothing](counts), tmp_path / "model.safetensors")
    assert saved(lmkit.load_counts(tmp_path / "model.safetensors")) == saved(counts)


def test_the_counts_of_a_model_with_given_words_are_those_that_it_was_made_of(tmp_path: Path) -> None:
    vocabulary = lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", b"le", b"chat", b"zzz"])
    counts = lmkit.count_ngrams(train_text("fr"), 3, vocabulary=vocabulary)
    lmkit.save(KEPT_AS_COUNTS["kneser-ney"](counts), tmp_path / "model.safetensors")
    assert saved(lmkit.load_counts(tmp_path / "model.safetensors")) == saved(counts)


def test_a_model_can_be_smoothed_again_and_merged(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", train_text("fr"), "-o", tmp_path / "counts")
    lmkit_run("smooth", "-q", "--kneser-ney", tmp_path / "counts", "-o", tmp_path / "kn")
    for source, target in (("counts", "of-counts"), ("kn", "of-model")):
        lmkit_run("smooth", "-q", "--witten-bell", tmp_path / source, "-o", tmp_path / target)
        lmkit_run("ngram", "merge", "-q", tmp_path / source, tmp_path / "counts", "-o", tmp_path / f"{target}-twice")
    assert (tmp_path / "of-counts").read_bytes() == (tmp_path / "of-model").read_bytes()
    assert (tmp_path / "of-counts-twice").read_bytes() == (tmp_path / "of-model-twice").read_bytes()


def test_a_model_without_the_ngrams_of_unknown_words_is_no_counts(tmp_path: Path) -> None:
    path = tmp_path / "closed.safetensors"
    whole, cut = (lmkit.count_ngrams(train_text("en"), 2, cutoff=cutoff) for cutoff in (1, 2))
    lmkit.save(lmkit.kneser_ney(whole, closed=True), path)
    assert saved(lmkit.load_counts(path)) == saved(whole)
    lmkit.save(lmkit.kneser_ney(cut, closed=True), path)
    with pytest.raises(
        DataError, match="closed vocabulary, which leaves out the n-grams with <unk>, and counts are needed"
    ):
        lmkit.load_counts(path)


def test_a_model_that_stores_probabilities_is_no_counts(tmp_path: Path) -> None:
    lmkit.save(lmkit.katz(lmkit.count_ngrams(TOY, 2)), tmp_path / "katz")
    with pytest.raises(
        DataError, match=r"holds a model \(smoothing: katz\), and counts are needed\. It stores probabilities\.\nCounts"
    ):
        lmkit.load_counts(tmp_path / "katz")


def test_counts_score_as_what_maximum_likelihood_makes_of_them(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text("en"), 2)
    lmkit.save(lmkit.maximum_likelihood(counts), tmp_path / "ml")
    found = [lmkit.perplexity(each, held_out_text("en")) for each in (counts, lmkit.load(tmp_path / "ml"))]
    assert found[0] == found[1]
    assert lmkit.load_counts(io.BytesIO((tmp_path / "ml").read_bytes())).tokens == counts.tokens


def test_pruning_takes_the_counts_of_a_model_as_counts(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", train_text("fr"), "-o", tmp_path / "counts")
    lmkit_run("smooth", "-q", "--kneser-ney", tmp_path / "counts", "-o", tmp_path / "kn")
    for history in ("counts", "kn"):
        pruned = tmp_path / f"by-{history}"
        lmkit_run(
            "ngram", "prune", "-q", tmp_path / "kn", "--keep", 1000, "--history", tmp_path / history, "-o", pruned
        )
    assert (tmp_path / "by-counts").read_bytes() == (tmp_path / "by-kn").read_bytes()


def test_what_is_its_counts_cannot_be_without_them(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", TOY, "-o", tmp_path / "counts")
    refused = lmkit_run("smooth", "--witten-bell", "--drop-counts", tmp_path / "counts", "-o", tmp_path / "m")
    assert refused.code == 2
    assert refused.err.startswith("lmkit: --drop-counts is not for --witten-bell: such a model is its counts")


def test_a_file_that_is_written_over_has_the_size_it_had(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", train_text("fr"), "-o", tmp_path / "counts")
    size = (tmp_path / "counts").stat().st_size
    told = lmkit_run("ngram", "convert", "--compact", tmp_path / "counts", "-o", tmp_path / "counts").err
    assert f"size: {size:,} bytes before, {(tmp_path / 'counts').stat().st_size:,} after" in told
