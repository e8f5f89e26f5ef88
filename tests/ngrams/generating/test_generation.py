"""Generated text: from Python and from the command line."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.scoring.generating.generation import generate_text
from tests.backoff_models import random_model, read
from tests.conftest import REFERENCE, TOY, Result, text_file, train_text
from tests.ngrams.generating.test_sampling import REFUSING

Run = Callable[..., Result]


def test_a_seed_gives_the_same_text_for_ever(lmkit_run: Run, french_model: Path, toy_counts: Path) -> None:
    """Changed draws would change what people have generated and cited: see lmkit/scoring/generating/draws.py."""
    result = lmkit_run("generate", french_model, "--seed", 1, "--count", 4)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "elle du le arachides avril .",
        "il le depuis courent et le ! briques téléphoner voisin stade bancs pour gagner un à zéro .",
        ".",
        "quand une du .",
    ]
    result = lmkit_run("generate", french_model, "--seed", 1, "--count", 2, "--top", 5, "--temperature", 0.8)
    assert result.out.splitlines() == ["les enfants .", "la route ."]
    result = lmkit_run("generate", toy_counts, "--seed", 7, "--count", 3)
    assert result.out.splitlines() == ["elle boit du lait", "le chat boit du lait", "le chat boit du lait"]
    katz = REFERENCE / "srilm" / "fr.katz_unk.o3.arpa.gz"  # in which words are refused
    result = lmkit_run("generate", katz, "--seed", 1, "--count", 4)
    assert result.out.splitlines() == ["le bien", "le", ".", "« de belle ."]


@pytest.mark.parametrize("options", [{}, {"top": 3}, {"temperature": 0.6}, {"unknown": True}, {"prompt": "le"}])
def test_the_number_of_sentences_side_by_side_changes_no_sentence(options: dict[str, Any]) -> None:
    for model in (lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3)), random_model(3, 4), read(REFUSING)):
        several = lmkit.generate(model, 20, seed=9, max_length=20, **options)
        for batch in (1, 7, 19):
            assert lmkit.generate(model, 20, seed=9, max_length=20, batch=batch, **options) == several
        assert lmkit.generate(model, 5, seed=9, max_length=20, **options) == several[:5]


def test_a_shorter_limit_only_cuts() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 2))
    for whole, part in zip(
        lmkit.generate(model, 100, seed=5), lmkit.generate(model, 100, seed=5, max_length=6), strict=True
    ):
        assert part.text.split() == whole.text.split()[:6]
        assert part.finished == (len(whole.text.split()) <= 6)


def test_other_seeds_give_other_text() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 2))
    texts = {tuple(lmkit.generate(model, 3, seed=seed)) for seed in (0, 1, 2, 2**64)}
    assert len(texts) == 4
    assert lmkit.generate(model, 3) != lmkit.generate(model, 3)


def test_the_probability_is_that_of_scoring(lmkit_run: Run, french_model: Path, tmp_path: Path) -> None:
    """Of the line as it stands: prompt and </s> included, at temperature 1, whatever it was drawn with."""
    out = lmkit_run(
        "generate", french_model, "--seed", 4, "--count", 30, "--temperature", 0.7, "--top", 20, "--prompt", "le zzz",
        "--max-length", 15, "--json",
    ).out  # fmt: skip
    sentences = [json.loads(line) for line in out.splitlines()]
    assert {sentence["finished"] for sentence in sentences} == {True, False}
    for sentence in sentences:
        assert sentence["text"].startswith("le zzz")
        scores = lmkit.score_sentence(lmkit.load_model(french_model), sentence["text"])
        scores = scores if sentence["finished"] else scores[:-1]
        assert sentence["tokens"] == len(scores)
        assert sentence["log10_prob"] == pytest.approx(sum(score.log10_prob for score in scores), abs=1e-9)
    finished = [sentence for sentence in sentences if sentence["finished"]]
    text = text_file(tmp_path, "".join(f"{sentence['text']}\n" for sentence in finished))
    rows = lmkit_run("perplexity", french_model, "--by", "sentence", "--json", text).out.splitlines()
    for row, sentence in zip(map(json.loads, rows), finished, strict=True):
        assert (row["tokens"], row["log10_prob"]) == (sentence["tokens"], pytest.approx(sentence["log10_prob"]))


def test_temperature_0_takes_the_most_probable_word_each_time(lmkit_run: Run, french_model: Path) -> None:
    model = lmkit.load_model(french_model)
    words: list[str] = []
    while words[-1:] != ["</s>"]:
        listed = lmkit.next_words(model, " ".join(words), top=2).words
        words.append(next(word for word in listed if word != "<unk>"))
    result = lmkit_run("generate", french_model, "--temperature", 0, "--count", 2)
    assert result.out == (" ".join(words[:-1]) + "\n") * 2
    assert result.err == ""  # no seed: nothing was left to chance
    for options in (("--top", 1), ("--temperature", "1e-12"), ("--temperature", 0, "--top", 50)):
        assert lmkit_run("generate", french_model, *options, "--count", 2, "--seed", 3).out == result.out


def test_more_words_than_there_are_is_all_of_them() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed")
    assert lmkit.generate(model, 20, seed=1, top=10**9) == lmkit.generate(model, 20, seed=1)


def test_sentence_marks_and_the_unknown_word_are_not_drawn_unless_asked_for() -> None:
    """<unk> has the largest probability of all words in this model."""
    model = lmkit.laplace(lmkit.count_ngrams(train_text("fr"), 1, cutoff=3))
    assert lmkit.next_words(model, top=1).words == ["<unk>"]
    for options in ({}, {"top": 3}, {"temperature": 0.0}):
        words = {word for found in lmkit.generate(model, 200, seed=1, **options) for word in found.text.split()}
        assert not words & {"<s>", "</s>", "<unk>"}
        asked = lmkit.generate(model, 200, seed=1, unknown=True, **options)
        assert "<unk>" in {word for found in asked for word in found.text.split()}


def test_a_closed_vocabulary_has_no_unknown_word_to_draw() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 1), closed=True)
    words = {word for found in lmkit.generate(model, 300, seed=1, unknown=True) for word in found.text.split()}
    assert "<unk>" not in words
    assert len(words) == model.events - 1  # and </s>


def test_maximum_likelihood_of_order_n_only_repeats_ngrams_of_its_text() -> None:
    seen = {
        tuple(words[place : place + 3])
        for line in train_text("fr").read_text(encoding="utf-8").splitlines()
        for words in [["<s>", *line.split(), "</s>"]]
        for place in range(len(words) - 2)
    }
    for found in lmkit.generate(lmkit.count_ngrams(train_text("fr"), 3), 100, seed=1, max_length=1000):
        words = ["<s>", *found.text.split(), "</s>"]
        assert found.finished
        assert {tuple(words[place : place + 3]) for place in range(len(words) - 2)} <= seen


def test_unseen_continuations_are_drawn_from_smoothed_models() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    model = lmkit.kneser_ney(counts, discount_fallback="fixed")
    pairs = {
        pair
        for found in lmkit.generate(model, 200, seed=1)
        for words in [["<s>", *found.text.split(), "</s>"]]
        for pair in pairwise(words)
    }
    unseen = {pair for pair in pairs if not counts[" ".join(pair)]}
    assert ("lait", "chat") in unseen
    assert len(unseen) > 50


def test_sentences_longer_than_allowed_are_cut_and_counted(lmkit_run: Run, french_model: Path) -> None:
    result = lmkit_run("generate", french_model, "--seed", 1, "--count", 50, "--max-length", 3, "--json")
    sentences = [json.loads(line) for line in result.out.splitlines()]
    cut = [sentence for sentence in sentences if not sentence["finished"]]
    assert all(len(sentence["text"].split()) == sentence["tokens"] == 3 for sentence in cut)
    assert any(sentence["tokens"] == 4 for sentence in sentences)  # three words and </s>: not cut
    assert result.err == f"lmkit: {len(cut)} of 50 sentences were cut at the longest length allowed (--max-length)\n"


def test_every_sentence_begins_with_the_prompt_as_it_was_given(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", "--lowercase", TOY, "-o", tmp_path / "c")
    lmkit_run("smooth", "--laplace", tmp_path / "c", "-o", tmp_path / "m")
    result = lmkit_run("generate", tmp_path / "m", "--prompt", "  Le\tZZZ ", "--seed", 1, "--count", 20)
    assert all(line.startswith("Le ZZZ") for line in result.out.splitlines())
    assert result.err == "lmkit: not in the vocabulary, read as <unk>: ZZZ\n"


def test_a_prompt_as_long_as_sentences_may_be_is_left_as_it_is() -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TOY, 2), discount_fallback="fixed")
    found = lmkit.generate(model, 50, seed=1, prompt="boit du lait", max_length=3)
    assert {sentence.text for sentence in found} == {"boit du lait"}
    assert {(sentence.finished, sentence.tokens) for sentence in found} == {(True, 4), (False, 3)}


def test_a_sentence_may_be_empty(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run("ngram", "train", "-q", "--blank-lines", "sentence", text_file(tmp_path, "\n\n\n"), "-o", tmp_path / "c")
    assert lmkit_run("generate", tmp_path / "c", "--seed", 0, "--count", 2).out == "\n\n"
    found = lmkit.generate(lmkit.load_model(tmp_path / "c"), 1)
    assert found == [lmkit.GeneratedSentence(text="", tokens=1, log10_prob=0.0, finished=True)]


def test_a_sentence_ends_where_nothing_can_follow(lmkit_run: Run, tmp_path: Path) -> None:
    """After `b` comes only a word that was cut off, and <unk> is not drawn."""
    lmkit_run(
        "ngram", "train", "-q", "-n", 2, "--cutoff", 2, text_file(tmp_path, "a b x\na b y\n"), "-o", tmp_path / "c"
    )
    result = lmkit_run("generate", tmp_path / "c", "--seed", 0, "--count", 3, "--json")
    assert [json.loads(line) for line in result.out.splitlines()] == [
        {"text": "a b", "tokens": 2, "log10_prob": 0, "finished": False}
    ] * 3
    assert result.err == "lmkit: 3 of 3 sentences ended where the model gives no word any probability\n"
    assert lmkit_run("generate", tmp_path / "c", "--seed", 0, "--count", 1, "--unknown").out == "a b <unk>\n"
    refused = lmkit_run("generate", tmp_path / "c", "--seed", 0, "--prompt", "a b")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "lmkit: the model gives no word any probability after '<s> a b'.\n"
        "Maximum likelihood knows only what follows in its text: shorten the prompt, smooth the model, or allow --unknown.\n"
    )
    with pytest.raises(DataError):
        lmkit.generate(lmkit.load_model(tmp_path / "c"), prompt="b", top=2)


def test_an_order_of_one_draws_words_alone() -> None:
    model = lmkit.laplace(lmkit.count_ngrams(TOY, 1))
    for options in ({}, {"top": 2}, {"temperature": 0.5}):
        assert len(lmkit.generate(model, 5, seed=1, **options)) == 5


def test_refusals_name_what_was_asked_and_what_can_be() -> None:
    counts = lmkit.count_ngrams(TOY, 2)
    for options, message in (
        ({"count": 0}, "the number of sentences is 0; it must be 1 or more."),
        ({"top": 0}, "the number of most probable words is 0; it must be 1 or more."),
        ({"max_length": 0}, "the maximum length is 0; it must be 1 or more."),
        ({"batch": 0}, "the batch is 0; it must be 1 or more."),
        ({"seed": -3}, "the seed is -3; it must be 0 or more."),
        (
            {"temperature": -0.5},
            "the temperature is -0.5; it must be 0 or more.\n1 samples from the model as it is, 0 takes the most probable word each time.",
        ),
        (
            {"prompt": "le chat dort", "max_length": 2},
            "the prompt has 3 words, and sentences are cut after 2.\nAllow longer sentences with --max-length, or shorten the prompt.",
        ),
    ):  # fmt: skip
        with pytest.raises(UsageError) as refused:
            generate_text(counts, **options)
        assert str(refused.value) == message
