"""Models that look at full histories only: each order holds its own estimates, and none leans on a shorter one."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
from nltk.lm import Lidstone
from nltk.lm import Vocabulary as NltkVocabulary
from nltk.lm.preprocessing import padded_everygram_pipeline

import lmkit
from lmkit.errors import DataError
from lmkit.ngrams.backoff.full_histories import backing_off
from lmkit.ngrams.backoff.pruning import prune
from lmkit.ngrams.backoff.restriction import restrict
from lmkit.peers.nltk import NltkModel
from lmkit.text.vocabulary import BOS, MARKS
from tests.conftest import Run, held_out_text, train_text
from tests.older_formats import in_format
from tests.summed import summed

ABA = b"a b a\na a b\n"


def aba(order: int = 3) -> lmkit.NgramCounts:
    """Counts of two sentences."""
    return lmkit.count_ngrams(io.BytesIO(ABA), order)


def test_next_shows_the_estimate_of_a_short_history(lmkit_run: Run, tmp_path: Path) -> None:
    """After a stand b, b, a, </s>; at order 3 these are the counts of the bigrams."""
    lmkit.save(aba(), tmp_path / "counts")
    assert lmkit_run("next", tmp_path / "counts", "a", "--no-start").out.splitlines()[1:] == [
        "b\t0.5\t-0.30103\t2",
        "</s>\t0.25\t-0.60206\t2",
        "a\t0.25\t-0.60206\t2",
        "<unk>\t0\t-inf\t1",
    ]
    # a 4, b 2, </s> 2 of 8
    assert lmkit_run("next", tmp_path / "counts", "--no-start", "--top", 1).out.splitlines()[1] == "a\t0.5\t-0.30103\t1"


def test_additive_estimates_of_short_histories_are_the_definitions() -> None:
    """V = a b </s> <unk>. After a: (2 + 1)/(4 + 4); after <unk>, which was not seen: 1/4; after a b at order 3: (1 + 1)/(2 + 4)."""
    model = lmkit.laplace(aba(), precision="double")
    expected = {("b", "a"): 3 / 8, ("<unk>", "a"): 1 / 8, ("a", "zzz"): 1 / 4, ("a", ""): 5 / 12, ("a", "a b"): 2 / 6}
    for (word, history), value in expected.items():
        assert lmkit.probability(model, word, history) == pytest.approx(value, rel=1e-12)
    assert lmkit.probability(model, "b", "b b") == pytest.approx(1 / 4, rel=1e-12)  # b b was not seen, b was


def test_short_histories_have_nltks_estimates() -> None:
    """NLTK's own test: d after c alone at order 3 is 1.1/1.8, with <s> one of V = 8 words; lmkit never predicts it: 1.1/1.7."""
    text = io.BytesIO(b"a b c d\ne g a d b e\n")
    known = lmkit.Vocabulary.from_words([*MARKS, *(word.encode() for word in "abcdz")])
    counts = lmkit.count_ngrams(text, 3, vocabulary=known)
    theirs = Lidstone(0.1, 3, NltkVocabulary([*"abcdz", "<s>", "</s>"]))
    theirs.fit(padded_everygram_pipeline(3, [list("abcd"), list("egadbe")])[0])
    assert theirs.score("d", ["c"]) == pytest.approx(1.1 / 1.8, rel=1e-12)
    assert NltkModel(counts, "Lidstone", 0.1).score("d", "c") == pytest.approx(1.1 / 1.8, rel=1e-12)
    model = lmkit.laplace(counts, 0.1, precision="double")
    assert lmkit.probability(model, "d", "c") == pytest.approx(1.1 / 1.7, rel=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.1])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_text_is_scored_with_the_estimates_of_full_histories(alpha: float, closed: bool, order: int) -> None:
    counts = lmkit.count_ngrams(train_text("fr"), order)
    make = lmkit.maximum_likelihood if not alpha else lambda *args, **options: lmkit.laplace(args[0], alpha, **options)
    model = make(counts, closed=closed, precision="double")
    (scored,) = lmkit.score_text(model, held_out_text("fr"))
    tokens, found = scored.block.tokens[:150].tolist(), scored.scores.log10_probs.tolist()
    words = [word.decode() for word in model.vocabulary.words]
    history: list[str] = []
    for place, token in enumerate(tokens):
        if token == BOS:
            history = []
        else:
            expected = lmkit.conditional_log10_probs(model, " ".join(history))[token]
            assert found.pop(0) == pytest.approx(expected, rel=1e-12), place
        history.append(words[token])


def test_arpa_files_back_off_to_the_share_of_unseen_words(tmp_path: Path) -> None:
    """V = 4. γ(a b) = 4/(2 + 4); lower orders hold 1/4, backoffs 1, but for n-grams that begin with <s>, whose histories are full."""
    model = lmkit.laplace(aba(), precision="double")
    lmkit.save(model, tmp_path / "m.arpa")
    rows = [line.split("\t") for line in (tmp_path / "m.arpa").read_text().splitlines() if "\t" in line]
    lines = {row[1]: row[0] for row in rows}
    backoffs = {
        parts[1]: float(parts[2])
        for line in (tmp_path / "m.arpa").read_text().splitlines()
        if len(parts := line.split("\t")) == 3
    }
    quarter = math.log10(1 / 4)
    for ngram, value in {"a": quarter, "a b": quarter, "<s> a": math.log10(3 / 6), "a b a": math.log10(2 / 6)}.items():
        assert float(lines[ngram]) == pytest.approx(value, abs=1e-12)
    for ngram, value in {
        "a": 0.0,
        "<s>": math.log10(4 / 6),
        "a b": math.log10(4 / 6),
        "<s> a": math.log10(4 / 6),
    }.items():
        assert backoffs[ngram] == pytest.approx(value, abs=1e-12)
    loaded = lmkit.load_model(tmp_path / "m.arpa", precision="double")
    assert not loaded.traits.full_histories_only
    sentences = io.BytesIO(b"a b b a zzz b\nb a\n"), io.BytesIO(b"a b b a zzz b\nb a\n")
    ours, theirs = (lmkit.perplexity(each, text) for each, text in zip((model, loaded), sentences, strict=True))
    assert ours.log10_prob == pytest.approx(theirs.log10_prob, rel=1e-14)


def test_files_of_format_3_score_as_they_did(tmp_path: Path) -> None:
    """They hold what longer histories back off to, and say nothing of full histories."""
    model = lmkit.laplace(lmkit.count_ngrams(train_text("en"), 3), 0.1)
    path = tmp_path / "old"
    lmkit.save(backing_off(model), path)
    path.write_bytes(in_format(path.read_bytes(), 3))
    loaded = lmkit.load_model(path)
    assert not loaded.traits.full_histories_only
    ours, theirs = (lmkit.perplexity(each, held_out_text("en")) for each in (model, loaded))
    assert ours.log10_prob == pytest.approx(theirs.log10_prob, rel=1e-7)  # single precision
    assert ours.matched_orders == theirs.matched_orders


def test_models_remember_that_they_look_at_full_histories_only(tmp_path: Path) -> None:
    path = tmp_path / "m"
    model = lmkit.laplace(aba(), keep_counts=False)
    lmkit.save(model, path)
    loaded = lmkit.load_model(path)
    assert loaded.traits.full_histories_only
    assert np.array_equal(lmkit.conditional_log10_probs(loaded, "a"), lmkit.conditional_log10_probs(model, "a"))
    assert not lmkit.witten_bell(aba()).traits.full_histories_only
    path.write_bytes(
        summed(path.read_bytes().replace(b'full_histories_only\\": true', b'full_histories_only\\": 4711'))
    )
    with pytest.raises(DataError, match="the traits of the model are damaged"):
        lmkit.load_model(path)


def test_what_is_stored_is_explained_in_one_step() -> None:
    """After <s> a (2 seen): b was seen once, </s> not; after b zzz nothing was."""
    model = lmkit.laplace(aba(), precision="double").with_values()
    for words in lmkit.explain(model, "a a"), lmkit.explain(model, "a b zzz b"):
        for word in words:
            (step,) = word.steps
            assert float(step.value) == pytest.approx(10.0**word.log10_prob, rel=1e-12)
    a, _, end = (word.steps[0] for word in lmkit.explain(model, "a a"))
    assert (a.name, a.numbers) == ("p(a | <s>)", "stored: log10 -0.30103")  # (2 + 1)/(2 + 4)
    # c(a a) = 1, and only b followed
    assert (end.name, end.numbers) == (
        "p(</s> | a a)",
        "backoff 0.8 · 0.25 of every word (log10 of the backoff -0.09691001)",
    )
    unseen = lmkit.explain(model, "a b zzz b")[3].steps[0]
    assert (unseen.name, unseen.numbers) == ("p(b | b <unk>)", "0.25, as of every word (the history is not stored)")


def test_what_is_made_of_an_additive_model_backs_off(tmp_path: Path) -> None:
    """Its values are no estimates of full histories any more: backoffs are made anew, and ARPA files are believed as they stand."""
    counts = lmkit.count_ngrams(train_text("en"), 3)
    model = lmkit.laplace(counts, 0.1)
    assert model.traits.full_histories_only
    assert not prune(model, 1e-6, history=counts).model.traits.full_histories_only
    assert not restrict(model, lmkit.count_ngrams(held_out_text("en"), 1).vocabulary).model.traits.full_histories_only
    path = tmp_path / "edited.arpa"
    lmkit.save(lmkit.laplace(aba(), precision="double"), path)
    lines = path.read_text(encoding="utf-8").splitlines()
    edited = ["-0.1\ta\t0" if line.split("\t")[1:2] == ["a"] else line for line in lines]
    assert edited[0].startswith("# lmkit")
    path.write_text("\n".join(edited) + "\n", encoding="utf-8")
    assert lmkit.probability(lmkit.load_model(path), "a", "b zzz") == pytest.approx(10**-0.1, rel=1e-6)
    score = lmkit.score_sentence(lmkit.load_model(path), "b zzz a")[2]
    assert score.log10_prob == pytest.approx(-0.1, rel=1e-6)


def test_impossible_values_of_lower_orders_are_told() -> None:
    model = lmkit.laplace(aba())
    damaged = model.log10_probs[1].copy()
    damaged[-1] = 0.5
    found = lmkit.check_model(model.with_values((model.log10_probs[0], damaged, model.log10_probs[2])))
    assert found.totals["error"] == {"probability": 1}
    assert lmkit.check_model(model).ok


def test_other_models_are_what_they_were() -> None:
    model = lmkit.kneser_ney(aba(), discounts=(0.5, 1.0, 1.5))
    assert backing_off(model) is model
