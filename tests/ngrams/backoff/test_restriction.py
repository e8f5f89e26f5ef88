"""Models and counts for another vocabulary, and weighted counts."""

import io
from pathlib import Path

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.restriction import restrict
from lmkit.ngrams.counting.weighting import add_words, weighted
from lmkit.text.vocabulary import MARKS, Vocabulary
from tests.conftest import Run, held_out_text, train_text


def words(*listed: str) -> Vocabulary:
    """A vocabulary."""
    return Vocabulary.from_words([*MARKS, *(word.encode() for word in listed)])


@pytest.mark.parametrize("closed", [False, True])
def test_a_restricted_model_is_a_distribution_over_its_words(closed: bool) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3), closed=closed, precision="double")
    kept = lmkit.count_ngrams(held_out_text("fr"), 1).vocabulary
    result = restrict(model, kept)
    assert result.dropped + len(result.model.vocabulary) == len(model.vocabulary)
    assert result.missing == len(set(kept.words) - set(model.vocabulary.words))
    for history in ("", "<s>", "de", "de la", "la", "zzz"):
        assert (10.0 ** lmkit.conditional_log10_probs(result.model, history)).sum() == pytest.approx(1.0, abs=1e-9)
    # Words that stay keep the probability they have where they are stored.
    assert lmkit.probability(result.model, "la", "de") == pytest.approx(lmkit.probability(model, "la", "de"), rel=1e-12)


def test_the_unigrams_of_dropped_words_go_to_the_unknown_word() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"a b c\n"), 1), precision="double")  # 2/9 each, <unk> 1/9
    result = restrict(model, words("a", "z")).model
    assert {word: lmkit.probability(result, word) for word in ("a", "b", "</s>")} == pytest.approx(
        {"a": 2 / 9, "b": 5 / 9, "</s>": 2 / 9}
    )


def test_a_vocabulary_without_any_known_word_is_refused() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(train_text("fr"), 1))
    with pytest.raises(DataError) as refused:
        restrict(model, words("Zzz"))
    assert str(refused.value) == (
        "the model knows no word of the vocabulary.\nIs it in the same language and the same letter case?"
    )


def test_weighted_counts_are_those_of_the_text_repeated() -> None:
    text = train_text("en").read_bytes()
    counts = lmkit.count_ngrams(train_text("en"), 3)
    expected = lmkit.count_ngrams(io.BytesIO(300 * text), 3)
    found = weighted(counts, 300)
    assert all(np.array_equal(one, other) for one, other in zip(found.counts, expected.counts, strict=True))
    assert found.tokens == expected.tokens


@pytest.mark.parametrize("weight", [1, 3_000_000_000, 4_294_967_297])
def test_counts_after_bos_are_as_wide_as_they_need(weight: int) -> None:
    """Of the text a b, a b, b c at order 3: c(<s> a) = 2, c(<s> b) = 1 times the weight w; unigrams count left words: a 1, b 2, c 1, </s> 2.

    A large weight makes the discounts of <s> vanish: p(a | <s>) = 2/3, p(b | <s>) = 1/3. With w = 1, D = 0.5 1 1.5 and
    γ(<s>) = (1 + 0.5)/3: p(a) = 0.5/6 + (0.5 + 0.5 + 1 + 1)/6 · 1/5 = 0.55/3, so p(a | <s>) = 1/3 + 0.55/6.
    """
    text = io.BytesIO(b"a b\na b\nb c\n")
    counts = weighted(lmkit.count_ngrams(text, 3), weight)
    model = lmkit.kneser_ney(counts, discounts=(0.5, 1.0, 1.5), precision="double")
    expected = {"a": 1 / 3 + 0.55 / 6} if weight == 1 else {"a": 2 / 3, "b": 1 / 3}
    for word, value in expected.items():
        assert lmkit.probability(model, word, "<s>") == pytest.approx(value, rel=1e-8)


def test_added_words_are_events_that_were_not_seen() -> None:
    counts, new = add_words(lmkit.count_ngrams(io.BytesIO(b"a b\n"), 2), words("b", "c", "d"))
    assert new == 2
    model = lmkit.laplace(counts.up_to(1), precision="double")
    # a, b, </s> once, c, d, <unk> never: V = 6, and 3 + 6 in all.
    assert {word: lmkit.probability(model, word) for word in ("a", "c", "zzz")} == pytest.approx(
        {"a": 2 / 9, "c": 1 / 9, "zzz": 1 / 9}
    )
    assert [entry.oov for entry in lmkit.score_sentence(model, "c e")][:2] == [False, True]


def test_merging_with_weights_and_words_on_the_command_line(lmkit_run: Run, tmp_path: Path) -> None:
    for name in ("fr", "en"):
        lmkit_run("ngram", "train", "-n", "2", train_text(name), "-o", tmp_path / name)
    (tmp_path / "words").write_text("zoulou\nle\n", encoding="utf-8")
    files = tmp_path / "fr", tmp_path / "en"
    result = lmkit_run(
        "ngram",
        "merge",
        *files,
        "--weight",
        "1",
        "--weight",
        "3",
        "--add-words",
        tmp_path / "words",
        "-o",
        tmp_path / "m",
    )
    assert (result.code, result.err.splitlines()[0]) == (0, "lmkit: 1 new words")
    texts = [train_text("fr"), *3 * [train_text("en")]]
    expected = lmkit.count_ngrams(texts, 2)
    merged = lmkit.load_counts(tmp_path / "m")
    assert len(merged.vocabulary) == len(expected.vocabulary) + 1
    assert np.array_equal(merged.counts[1], expected.counts[1])
    wrong = lmkit_run("ngram", "merge", *files, "--weight", "2", "-o", tmp_path / "n")
    assert (wrong.code, wrong.err) == (
        2,
        "lmkit: there are 2 counts files and 1 weights.\nGive one for each file: --weight 1,5.\n",
    )


def test_restricting_on_the_command_line(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-n", "2", "--kneser-ney", train_text("fr"), "-o", tmp_path / "m")
    (tmp_path / "words").write_text("le\nla\nzoulou\n", encoding="utf-8")
    result = lmkit_run(
        "ngram", "restrict", tmp_path / "m", "--vocabulary", tmp_path / "words", "-o", tmp_path / "r.arpa"
    )
    assert result.code == 0
    assert result.err.startswith("lmkit: 858 words dropped, 1 words of ")
    restricted = lmkit.load_model(tmp_path / "r.arpa")
    assert restricted.vocabulary.words == [*MARKS, b"le", b"la"]
    assert "|restricted:2|" in restricted.signature()


def test_histories_after_which_every_word_left_was_seen_sum_to_one_in_single_precision() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"a a b\nb a c\nc a\n"), 2)
    for closed in (False, True):
        model = restrict(lmkit.witten_bell(counts, closed=closed), words("a")).model
        assert (10.0 ** lmkit.conditional_log10_probs(model, "a")).sum() == pytest.approx(1.0, abs=1e-5)


def test_weights_that_no_count_can_hold_are_refused() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 2)
    for weight in (10**12, 10**23):
        with pytest.raises(UsageError, match=r"is too large: counts stay below 281,474,976,710,656\.$"):
            weighted(counts, weight)


def test_what_is_no_distribution_is_not_restricted() -> None:
    with pytest.raises(DataError, match=r"^the model is counts, or maximum likelihood"):
        restrict(lmkit.maximum_likelihood(lmkit.count_ngrams(train_text("fr"), 2)), words("le"))
