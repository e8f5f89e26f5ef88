"""The installed NLTK, and the figures of NLTK 3.10.4."""

import io
import json
from pathlib import Path
from typing import get_args

import pytest
from nltk.lm import MLE, Laplace, Lidstone, Vocabulary, WittenBellInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline

import lmkit
from lmkit.errors import UsageError
from lmkit.ngrams.counting.weighting import add_words
from lmkit.peers.nltk import NltkModel, NltkName
from lmkit.text.vocabulary import MARKS
from tests.conftest import LANGUAGES, REFERENCE, Run, held_out_text, read_table, train_text

NLTK = json.loads((REFERENCE / "nltk" / "nltk.json").read_text(encoding="utf-8"))["results"]
SCORES = read_table(REFERENCE / "nltk" / "scores.tsv")
GOLDEN = {  # a b a in the corpus "a a b a / b a a b": p(a|b), p(b|a), p(</s>|b), perplexity, at orders 2 and 3
    "MLE": ((0.6666667, 0.4, 0.3333333, 2.4746160), None),
    "Laplace": ((0.375, 0.3, 0.25, 3.5315990), (0.375, 0.3, 0.25, 3.7800307)),
    "Lidstone:0.1": ((0.6, 0.3818182, 0.3142857, 2.6538561), (0.6, 0.3818182, 0.3142857, 2.9928597)),
    "WittenBellInterpolated": ((0.5666667, 0.34375, 0.2666667, 2.7801084), (0.525, 0.3203125, 0.3, 2.5106549)),
    "AbsoluteDiscountingInterpolated": (
        (0.625, 0.3625, 0.1666667, 2.9973053),
        (0.5729167, 0.334375, 0.2083333, 2.6116894),
    ),
    "KneserNeyInterpolated": (
        (0.6619048, 0.3971429, 0.3190476, 2.5014332),
        (0.6555556, 0.2416667, 0.3222222, 3.2067038),
    ),
    "StupidBackoff": ((0.6666667, 0.4, 0.3333333, 2.4746160), (0.6666667, 0.4, 0.3333333, 2.1867241)),
}


def nltk_model(counts: lmkit.NgramCounts, name: str) -> NltkModel:
    """A model by its name and parameter, as Lidstone:0.1."""
    kind, _, parameter = name.replace("_", ":").partition(":")
    return NltkModel(counts, kind, float(parameter) if parameter else None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("order", [2, 3])
def test_the_golden_corpus_has_nltks_figures(name: str, order: int) -> None:
    model = nltk_model(lmkit.count_ngrams(io.BytesIO(b"a a b a\nb a a b\n"), order), name)
    expected = GOLDEN[name][order - 2]
    perplexity = model.perplexity(io.BytesIO(b"a b a\n")).perplexity
    if expected is None:  # MLE at order 3
        assert perplexity == float("inf")
        return
    found = (model.score("a", "b"), model.score("b", "a"), model.score("</s>", "b"), perplexity)
    assert found == pytest.approx(expected, rel=1e-6)


def words_and_marks(*words: str) -> lmkit.Vocabulary:
    """A vocabulary of lmkit."""
    return lmkit.Vocabulary.from_words([*MARKS, *(word.encode() for word in words)])


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize(("name", "figure"), [("Lidstone:0.1", 17.0504), ("Laplace", 8.7393), ("MLE", float("inf"))])
def test_words_of_the_vocabulary_that_were_not_seen_count_in_v(name: str, figure: float, added: bool) -> None:
    """The corpus of NLTK's own tests: z is known and unseen. V = a b c d z, both marks and <UNK> = 8."""
    text, known = io.BytesIO(b"a b c d\ne g a d b e\n"), ["a", "b", "c", "d", "z"]
    if added:
        counts, _ = add_words(
            lmkit.count_ngrams(text, 2, vocabulary=words_and_marks(*known[:-1])), words_and_marks("z")
        )
    else:
        counts = lmkit.count_ngrams(text, 2, vocabulary=words_and_marks(*known))
    ours = nltk_model(counts, name)
    assert ours.perplexity(io.BytesIO(b"a c - d c\n")).perplexity == pytest.approx(figure, abs=5e-5)
    kind, _, gamma = name.partition(":")
    vocabulary = Vocabulary([*known, "<s>", "</s>"])
    theirs = {
        "Lidstone": lambda: Lidstone(float(gamma), 2, vocabulary),
        "Laplace": lambda: Laplace(2, vocabulary),
        "MLE": lambda: MLE(2, vocabulary),
    }[kind]()
    theirs.fit(padded_everygram_pipeline(2, [list("abcd"), list("egadbe")])[0])
    for word, history in (("a", "<s>"), ("z", "a"), ("d", "c"), ("c", "e"), ("</s>", "<UNK>"), ("z", "z")):
        assert ours.score(word, history) == pytest.approx(theirs.score(word, [history]), rel=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_interpolated_models_give_words_that_were_not_seen_what_nltk_gives_them(order: int) -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"a b c d\ne g a d b e\n"), order, vocabulary=words_and_marks(*"abcdz"))
    vocabulary = Vocabulary([*"abcdz", *(["<s>", "</s>"] if order > 1 else [])])
    theirs = WittenBellInterpolated(order, vocabulary=vocabulary)
    theirs.fit(padded_everygram_pipeline(order, [list("abcd"), list("egadbe")])[0])
    ours = nltk_model(counts, "WittenBellInterpolated")
    for word, history in (("z", "a"), ("a", "z"), ("d", "c"), ("<UNK>", "c")):
        before = history.split()[: order - 1]
        assert ours.score(word, " ".join(before)) == pytest.approx(theirs.score(word, before or None), rel=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", sorted({row["model"] for row in SCORES}))
def test_scores_and_perplexities_are_nltks(language: str, order: int, name: str) -> None:
    model = nltk_model(lmkit.count_ngrams(train_text(language), order), name)
    rows = [row for row in SCORES if (row["corpus"], row["order"], row["model"]) == (language, str(order), name)]
    assert len(rows) == 24
    for row in rows:
        assert model.score(row["word"], row["context"]) == pytest.approx(float(row["score"]), abs=1e-12), row
    expected = NLTK[language][f"o{order}"][name]
    result = model.perplexity(held_out_text(language))
    assert (result.ngrams, result.zero_probability_ngrams) == (expected["test_ngrams"], expected["zero_scores"])
    assert result.perplexity == (float("inf") if expected["infinite"] else pytest.approx(expected["ppl"], rel=1e-10))


def test_every_one_of_nltks_models_is_there_under_its_name(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-n", "2", train_text("fr"), "-o", tmp_path / "c")
    for name in get_args(NltkName):
        given = "Lidstone:0.1" if name == "Lidstone" else name
        result = lmkit_run("perplexity", tmp_path / "c", held_out_text("fr"), "--nltk", given, "--json")
        assert result.code == 0
        assert f"|nltk:{name}|" in json.loads(result.out)["signature"]
    laplace = lmkit_run("perplexity", tmp_path / "c", held_out_text("fr"), "--nltk", "Laplace").out
    assert laplace.splitlines()[0] == "perplexity\t202.345615"
    wrong = lmkit_run("perplexity", tmp_path / "c", held_out_text("fr"), "--nltk", "KneserNey")
    assert (wrong.code, wrong.err.splitlines()[0][:41]) == (2, "lmkit: NLTK has no model 'KneserNey'; it ")
    lmkit_run("smooth", "--katz", tmp_path / "c", "-o", tmp_path / "m")
    model = lmkit_run("perplexity", tmp_path / "m", held_out_text("fr"), "--nltk", "MLE")
    assert model.code == 1
    assert "holds a model (smoothing: katz), and counts are needed." in model.err


def test_lidstone_without_its_parameter_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        NltkModel(lmkit.count_ngrams(train_text("fr"), 1), "Lidstone")
    assert str(refused.value) == "Lidstone needs its γ.\nWrite it as Lidstone:0.1."


def test_every_seen_bigram_has_nltks_maximum_likelihood_and_laplace_scores() -> None:
    """After words; after <s> NLTK's padding is the same at order 2. Its V has <s> and <UNK>: one more than ours."""
    sentences = [line.split() for line in held_out_text("en").read_text(encoding="utf-8").splitlines()]
    counts = lmkit.count_ngrams(held_out_text("en"), 2)
    ours = lmkit.maximum_likelihood(counts), lmkit.laplace(counts, precision="double")
    theirs = MLE(2), Laplace(2)
    for model in theirs:
        model.fit(*padded_everygram_pipeline(2, sentences))
    assert len(theirs[1].vocab) == ours[1].events + 1
    totals: dict[str, int] = {}
    bigrams = lmkit.list_ngrams(counts)
    assert len(bigrams) > 500
    for bigram, count in bigrams:
        history = bigram.split(" ")[0]
        totals[history] = totals.get(history, 0) + count
    for bigram, _ in bigrams:
        history, word = bigram.split(" ")
        assert abs(lmkit.probability(ours[0], word, history) - theirs[0].score(word, [history])) < 1e-12
        total = totals[history] + ours[1].events
        rescaled = lmkit.probability(ours[1], word, history) * total / (total + 1)
        assert abs(rescaled - theirs[1].score(word, [history])) < 1e-12


def test_rare_words_are_nltks_unknown_word() -> None:
    """NLTK's Vocabulary with a cutoff looks up <UNK> for them, in training and in the test."""
    from nltk.lm import Vocabulary

    sentences = [line.split() for line in train_text("fr").read_text(encoding="utf-8").splitlines()]
    ngrams, padded = padded_everygram_pipeline(2, sentences)
    theirs = Laplace(2, vocabulary=Vocabulary(padded, unk_cutoff=2))
    theirs.fit(ngrams)
    ours = NltkModel(lmkit.count_ngrams(train_text("fr"), 2, cutoff=2), "Laplace")
    for word, history in (("la", "de"), ("zzz", "de"), ("<UNK>", "<UNK>"), ("de", "zzz")):
        assert ours.score(word, history) == pytest.approx(theirs.score(word, [history]), abs=1e-12)


@pytest.mark.parametrize(("name", "parameter"), [("MLE", 0.5), ("Lidstone", -1.0), ("StupidBackoff", float("nan"))])
def test_parameters_that_nltks_models_do_not_take_are_refused(name: NltkName, parameter: float) -> None:
    with pytest.raises(UsageError, match=f"^{name}:.* takes no such parameter"):
        NltkModel(lmkit.count_ngrams(train_text("fr"), 2), name, parameter)
    with pytest.raises(UsageError, match=r"needs counts of order 2 or more"):
        NltkModel(lmkit.count_ngrams(train_text("fr"), 1), "KneserNeyInterpolated")
