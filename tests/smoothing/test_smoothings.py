"""Every smoothing against the exact figures, SRILM 1.7.3 and KenLM (4cb443e), and against what a distribution is."""

import gzip
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.trie.orders import find_entry
from lmkit.scoring.explaining.explanation import sentence_figures
from lmkit.smoothing.choosing import looks_trained_on
from lmkit.smoothing.good_turing import good_turing_ratios
from lmkit.smoothing.held_out_weights import held_out_orders, improve_weights, pool_buckets
from tests.conftest import LANGUAGES, REFERENCE, held_out_text, read_table, train_text
from tests.reference.test_reference_figures import EXACT, SRILM, check_tokens

KENLM = json.loads((REFERENCE / "kenlm" / "kenlm.json").read_text(encoding="utf-8"))
Estimate = Callable[..., lmkit.NgramModel]

EXACT_METHODS: dict[str, tuple[Estimate, dict[str, Any]]] = {
    "witten_bell_interp_open": (lmkit.witten_bell, {}),
    "witten_bell_interp_closed": (lmkit.witten_bell, {"closed": True}),
    "absolute_0.7_interp_open": (lmkit.absolute_discounting, {"discount": 0.7}),
    "absolute_0.7_interp_closed": (lmkit.absolute_discounting, {"discount": 0.7, "closed": True}),
    "jelinek_mercer_0.6_open": (lmkit.jelinek_mercer, {"weight": 0.6}),
    "kneser_ney_single_interp_open": (lmkit.kneser_ney, {"one_discount": True}),
    "kneser_ney_single_interp_closed": (lmkit.kneser_ney, {"one_discount": True, "closed": True}),
    "stupid_backoff_0.4": (lmkit.stupid_backoff, {"closed": True}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("method", EXACT_METHODS)
def test_smoothings_are_exact(language: str, order: int, method: str) -> None:
    estimate, options = EXACT_METHODS[method]
    model = estimate(lmkit.count_ngrams(train_text(language), order), precision="double", **options)
    rows = read_table(REFERENCE / "exact" / f"{language}.o{order}.tsv")
    check_tokens(model, language, rows, f"log10_{method}", 1e-9)
    expected = EXACT[language][f"o{order}"]["methods"][method]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity_excluding_oov == pytest.approx(expected["ppl_excl_oov"], rel=1e-9)
    if not model.closed:
        assert result.perplexity == pytest.approx(expected["ppl"], rel=1e-9)


SRILM_METHODS: dict[str, tuple[Estimate, dict[str, Any]]] = {
    "mkn_backoff_unk": (lmkit.kneser_ney, {"interpolated": False}),
    "ukn_interp_unk": (lmkit.kneser_ney, {"one_discount": True}),
    "wb_unk": (lmkit.witten_bell, {"interpolated": False}),
    "wb_nounk": (lmkit.witten_bell, {"interpolated": False, "closed": True}),
    "wb_interp_unk": (lmkit.witten_bell, {}),
    "abs07_interp_unk": (lmkit.absolute_discounting, {"discount": 0.7}),
    "abs07_backoff_unk": (lmkit.absolute_discounting, {"discount": 0.7, "interpolated": False}),
    "katz_unk": (lmkit.katz, {}),
    "katz_nounk": (lmkit.katz, {"closed": True}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("method", SRILM_METHODS)
def test_perplexities_equal_srilms(language: str, order: int, method: str) -> None:
    """SRILM gives <unk> what rounding leaves of the unigrams, so that open vocabularies agree to five digits."""
    estimate, options = SRILM_METHODS[method]
    model = estimate(lmkit.count_ngrams(train_text(language), order), **options)
    result = lmkit.perplexity(model, held_out_text(language))
    theirs = SRILM[language][method][f"o{order}"]["test"]["ppl"]
    if model.closed:
        assert result.perplexity_excluding_oov == pytest.approx(theirs, rel=1e-6)
    else:
        assert result.perplexity == pytest.approx(theirs, rel=2e-5)


CLOSED = json.loads((REFERENCE / "srilm" / "closed_cutoff2.json").read_text(encoding="utf-8"))
CLOSED_METHODS: dict[str, tuple[Estimate, dict[str, Any]]] = {
    "modified-kneser-ney": (lmkit.kneser_ney, {}),
    "modified-kneser-ney-backoff": (lmkit.kneser_ney, {"interpolated": False}),
    "kneser-ney": (lmkit.kneser_ney, {"one_discount": True}),
    "witten-bell": (lmkit.witten_bell, {}),
    "katz": (lmkit.katz, {}),
    "absolute-0.6": (lmkit.absolute_discounting, {"discount": 0.6}),
}


@pytest.mark.parametrize("row", sorted(CLOSED.keys() - {"about", "rule"}))
def test_closed_vocabularies_of_counts_with_unknown_words_equal_srilms(row: str) -> None:
    """N-grams that hold <unk> count as left contexts and in the counts of counts, and are dropped afterwards."""
    language, order, method = row.split(".", 2)
    estimate, options = CLOSED_METHODS[method]
    counts = lmkit.count_ngrams(train_text(language), int(order[1:]), cutoff=2)
    model = estimate(counts, closed=True, keep_counts=False, **options)
    result = lmkit.perplexity(model, held_out_text(language))
    theirs = CLOSED[row]
    assert result.perplexity_excluding_oov == pytest.approx(theirs["perplexity_excluding_oov"], rel=1e-6)
    assert result.oov == theirs["oov"]
    assert [size - (k == 1) for k, size in model.ngrams().items()] == theirs["n"]  # of <unk>, lmkit keeps the place
    sentence = held_out_text(language).read_text(encoding="utf-8").splitlines()[0]
    assert lmkit.explain(model, sentence, counts)  # the counts account for every probability, or this is an error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "order", "tolerance"), [("wb_unk", 3, 1e-5), ("wb_interp_unk", 3, 1e-5), ("ukn_interp_unk", 3, 1e-5),
                                       ("abs07_interp_unk", 3, 1e-5), ("katz_unk", 3, 1e-5)]
)  # fmt: skip
def test_every_ngram_has_srilms_probability(language: str, method: str, order: int, tolerance: float) -> None:
    estimate, options = SRILM_METHODS[method]
    model = estimate(lmkit.count_ngrams(train_text(language), order), precision="double", **options)
    theirs = lmkit.load_model(REFERENCE / "srilm" / f"{language}.{method}.o{order}.arpa.gz")
    assert theirs.ngrams() == model.ngrams()
    ids = [model.vocabulary.ids[word] for word in theirs.vocabulary.words]
    known = np.array(ids) > 2  # the marks are compared by the perplexities
    for word in np.flatnonzero(known)[::7].tolist():
        assert model.log10_probs[0][ids[word]] == pytest.approx(float(theirs.log10_probs[0][word]), abs=tolerance)
    for row in range(3, len(theirs.vocabulary), 11):
        first, last = theirs.orders[1].indptr[row : row + 2].tolist()
        for entry in range(first, last):
            found = find_entry(model.orders, [ids[row], ids[theirs.orders[1].indices[entry]]])
            assert model.log10_probs[1][found] == pytest.approx(float(theirs.log10_probs[1][entry]), abs=tolerance)
            if order > 2 and theirs.orders[2].indptr[entry] < theirs.orders[2].indptr[entry + 1]:
                backoff = float(theirs.log10_backoffs[1][entry])
                assert model.log10_backoffs[1][found] == pytest.approx(backoff, abs=5e-5)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", ["katz_unk", "wb_unk", "ukn_interp_unk"])
def test_every_token_has_srilms_probability(language: str, method: str) -> None:
    estimate, options = SRILM_METHODS[method]
    model = estimate(lmkit.count_ngrams(train_text(language), 3), **options)
    (scored,) = lmkit.score_text(model, held_out_text(language))
    rows = read_table(REFERENCE / "srilm" / f"{language}.{method}.o3.debug2.tsv")
    checked = 0
    for ours, oov, row in zip(scored.scores.log10_probs.tolist(), scored.scores.oov.tolist(), rows, strict=True):
        if not oov:
            assert ours == pytest.approx(float(row["log10"]), abs=1e-5)
            checked += 1
    assert checked > 600


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("thresholds", [(0, 0, 1), (0, 1, 1)])
def test_pruning_by_counts_equals_kenlms(language: str, thresholds: tuple[int, ...]) -> None:
    expected = KENLM[language]["variants_o3"]["prune_" + "_".join(map(str, thresholds))]
    counts = lmkit.count_ngrams(train_text(language), 3)
    model = lmkit.kneser_ney(counts, prune=thresholds, compat="kenlm")
    assert {str(k): size for k, size in model.ngrams().items()} == expected["arpa_counts"]
    result = lmkit.perplexity(model, held_out_text(language))
    assert result.perplexity == pytest.approx(expected["test"]["ppl_incl_oov"], rel=1e-6)
    assert result.perplexity_excluding_oov == pytest.approx(expected["test"]["ppl_excl_oov"], rel=1e-6)


def test_good_turing_ratios_are_srilms() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    written = SRILM["fr"]["katz_good_turing_parameters_written_by_-gtN"]["o3"]
    for length in (1, 2, 3):
        values = counts.chain.counts[length - 1].copy()
        if length == 1:
            values[1] = 0
        theirs = [float(line.split()[2]) for line in written[str(length)] if line.startswith("discount")]
        ratios = good_turing_ratios(values, 1 if length == 1 else 7)
        assert ratios[1:].tolist() == pytest.approx(theirs, abs=1e-12)


def test_stupid_backoff_takes_its_factor_for_unseen_histories_too() -> None:
    """Brants et al. 2007: S(c | x b) where neither "x b" nor "b c" was seen is α² c(c) / N."""
    model = lmkit.stupid_backoff(lmkit.count_ngrams(io.BytesIO(b"a b a\nc a\n"), 3), precision="double")
    # Events: a 3, b 1, c 1, </s> 2: N = 7.
    assert lmkit.probability(model, "c", "x b") == pytest.approx(0.4**2 * 1 / 7)
    assert lmkit.probability(model, "a", "x b") == pytest.approx(0.4 * 1)
    assert lmkit.probability(model, "c", "<s> x") == pytest.approx(0.4**2 * 1 / 7)
    words = lmkit.score_sentence(model, "x b c")
    assert [10**word.log10_prob for word in words] == pytest.approx(
        [0.0, 0.4**2 / 7, 0.4**2 / 7, 0.4**2 * 2 / 7], abs=1e-12
    )  # </s> was seen, but not after c


def test_weights_of_jelinek_mercer_make_the_held_out_text_most_probable() -> None:
    """No weight can be moved without making it less probable: expectation maximisation has ended at a maximum."""
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    model = lmkit.jelinek_mercer(counts, held_out=held_out_text("fr"), precision="double")
    best = lmkit.perplexity(model, held_out_text("fr")).perplexity
    tables = [np.array(entry["w"]) for entry in model.parameters["weights"]]
    tokens = lmkit.encode_text(held_out_text("fr"), vocabulary=counts.vocabulary)
    orders = held_out_orders(counts, np.concatenate(list(tokens.blocks())), closed=False)
    likelihood, _ = improve_weights(orders, tables, 1 / model.events)
    assert 10**-likelihood == pytest.approx(best, rel=1e-9)
    for place, table in enumerate(tables):
        for moved in np.unique(table):
            for step in (-0.02, 0.02):
                changed = [*tables]
                changed[place] = np.where(table == moved, np.clip(table + step, 1e-6, 1 - 1e-6), table)
                assert improve_weights(orders, changed, 1 / model.events)[0] <= likelihood + 1e-6


def test_small_buckets_share_a_weight() -> None:
    buckets = np.repeat([0, 1, 3, 4], [150, 60, 50, 20])  # 60 + 50 reach 100; 20 do not, and join them
    pools = pool_buckets(buckets)
    assert pools[:5].tolist() == [0, 1, 1, 1, 1]
    assert set(pools[5:].tolist()) == {1}


def test_a_text_that_was_trained_on_is_recognised() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3))
    assert looks_trained_on(lmkit.perplexity(model, train_text("en")), "word")
    assert not looks_trained_on(lmkit.perplexity(model, held_out_text("en")), "word")
    settings = lmkit.TextSettings(unit="character")  # of which nearly all short sequences are seen anyway
    letters = lmkit.witten_bell(lmkit.count_ngrams(train_text("en"), 2, settings=settings))
    assert not looks_trained_on(lmkit.perplexity(letters, train_text("en")), "character")


def test_counts_up_to_a_lower_order_are_those_of_counting_it() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 4).up_to(2)
    expected = lmkit.count_ngrams(train_text("fr"), 2)
    assert counts.ngrams() == expected.ngrams()
    assert all(np.array_equal(a, b) for a, b in zip(counts.counts, expected.counts, strict=True))
    with pytest.raises(UsageError, match=r"^order 5 was asked for; the counts have orders 1 to 4\.$"):
        lmkit.count_ngrams(train_text("fr"), 4).up_to(5)


@pytest.mark.parametrize(
    ("estimate", "options", "message"),
    [
        (lmkit.katz, {"highest": 0}, "the highest count to discount is 0; it must be 1 or more."),
        (lmkit.jelinek_mercer, {"weight": 1.0}, "the weight is 1; it must lie between 0 and 1."),
        (lmkit.stupid_backoff, {"backoff": 0.0}, "the backoff factor is 0; it must lie above 0 and not above 1."),
        (
            lmkit.absolute_discounting,
            {"discount": 1.5},
            "the discount is 1.5; one is needed, and it must lie between 0 and 1.",
        ),
        (
            lmkit.witten_bell,
            {"prune": (1, 2)},
            (
                "the thresholds of pruning are 1,2; they must begin with 0 and never fall.\nWrite them as 0,0,1: words stay, "
                "and n-grams of order 3 and more seen once are dropped. --cutoff limits words."
            ),
        ),
        (
            lmkit.laplace,
            {"prune": (0, 1)},
            (
                "laplace smoothing cannot be pruned by counts: it has no lower order for what is dropped.\nUse another "
                "smoothing, or limit the words with a cutoff."
            ),
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(estimate: Estimate, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        estimate(lmkit.count_ngrams(train_text("fr"), 2), **options)
    assert str(refused.value) == message


def test_a_single_discount_that_cannot_be_estimated_is_an_error_unless_there_is_a_fallback() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"a a\nb b\n"), 2)  # each word is seen twice, each bigram once
    with pytest.raises(
        DataError, match=r"^the discount of order 1 cannot be estimated: n1, n2 = 0, 3, and neither may be 0"
    ):
        lmkit.absolute_discounting(counts)
    model = lmkit.absolute_discounting(counts, discount_fallback="fixed")
    assert [entry["d"] for entry in model.parameters["discounts"]] == [[0.75], [0.75]]
    assert model.details["discounts"] == "fixed@1,fixed@2"


def test_models_of_few_ngrams_keep_their_counts_through_files(tmp_path: Any) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    for model in (lmkit.kneser_ney(counts), lmkit.laplace(counts), lmkit.witten_bell(counts, interpolated=False)):
        lmkit.save(model, tmp_path / "model.safetensors")
        loaded = lmkit.load_model(tmp_path / "model.safetensors")
        assert model.counts is not None
        assert loaded.counts is not None
        for order, before, after in zip(model.orders, model.counts, loaded.counts, strict=True):
            assert np.array_equal(before.between(0, len(order)), after.between(0, len(order)))
    assert lmkit.kneser_ney(counts, interpolated=False, keep_counts=False).counts is None


def test_words_seen_only_after_unknown_ones_back_off_in_closed_vocabularies() -> None:
    """There <unk> is a left neighbour as any word, though no n-gram of the model holds it; they are no words of probability 0."""
    counts = lmkit.count_ngrams(train_text("fr"), 3, cutoff=2)
    model = lmkit.kneser_ney(counts, interpolated=False, closed=True)
    result = lmkit.perplexity(model, train_text("fr"))
    assert result.zero_probability_tokens == result.oov


def test_explanations_of_stupid_backoff_count_what_is_not_stored() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3)
    model = lmkit.stupid_backoff(counts, keep_counts=False)
    for word in lmkit.explain(model, "zzz chat dort la nuit"):
        assert float(word.probability) == pytest.approx(10.0**word.log10_prob, rel=1e-5)


def test_a_long_sentence_is_explained_without_its_product_in_full() -> None:
    text = " ".join(train_text("fr").read_text(encoding="utf-8").split()[:600])
    explained = lmkit.explain(lmkit.witten_bell(lmkit.count_ngrams(train_text("fr"), 3)), text)
    figures = sentence_figures(explained)
    assert figures["fraction"] is None
    assert figures["perplexity"] == pytest.approx(
        10 ** (-sum(w.log10_prob for w in explained) / len(explained)), rel=1e-5
    )


def test_stupid_backoff_scores_survive_arpa(tmp_path: Any) -> None:
    model = lmkit.stupid_backoff(lmkit.count_ngrams(train_text("fr"), 3), closed=True)
    lmkit.save(model, tmp_path / "stupid.arpa.gz")
    assert gzip.decompress((tmp_path / "stupid.arpa.gz").read_bytes()).startswith(b"# lmkit")
    loaded = lmkit.load_model(tmp_path / "stupid.arpa.gz")
    ours, theirs = (lmkit.perplexity(m, held_out_text("fr")).perplexity_excluding_oov for m in (model, loaded))
    assert ours == theirs
    assert math.isfinite(ours)


def test_a_highest_discounted_count_beyond_all_counts_is_no_burden() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    largest = int(counts.counts[1].max())
    one, other = (lmkit.katz(counts, highest=highest) for highest in (largest, 10**20))
    assert np.array_equal(one.log10_probs[1], other.log10_probs[1])


@pytest.mark.parametrize("largest", [254, 255, 256, 65534, 65535])
def test_the_bytes_that_counts_are_stored_in_change_no_katz_model(largest: int) -> None:
    lines = [b"a"] * largest + [b"b"] * 2 + [b"c"] + [b"d"] * 3
    counts = lmkit.count_ngrams(io.BytesIO(b"\n".join(lines)), 2)
    wide = replace(
        counts, chain=replace(counts.chain, counts=tuple(values.astype(np.uint64) for values in counts.counts))
    )
    one, other = (lmkit.katz(each, highest=largest + 10) for each in (counts, wide))
    assert one.parameters == other.parameters
    assert all(np.array_equal(*probs) for probs in zip(one.log10_probs, other.log10_probs, strict=True))
