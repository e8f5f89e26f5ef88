"""Caches: where documents begin, what enters, mixtures with other models, shuffled texts, explanations.

The running example: "a b a" and "b", the vocabulary </s> <s> <unk> a b, so that 4 words can be predicted. In one document, the cache gives

    a 1/4 (nothing was said)   b 0/1   a 1/2   </s> 0/3   |   b 1/4 (a b a </s>)   </s> 1/5
"""

import io
import random
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import lmkit
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, ModelWarning, UsageError
from lmkit.scoring.mixture import mixture
from lmkit.scoring.sentences import measure_sentences
from lmkit.scoring.tokens import score_sentence
from lmkit.smoothing.explaining import explain
from lmkit.text.reading import Reading
from lmkit.text.sources.names import TextFile
from lmkit.text.vocabulary import MARKS, Vocabulary
from tests.conftest import held_out_text, text_file, train_text
from tests.texts import json_lines, table

AB = Vocabulary.from_words([*MARKS, b"a", b"b"])
ANEW = [1 / 4, 0, 1 / 2, 0]  # of "a b a" at the start of a document
THEN = [1 / 4, 1 / 5]  # of "b" after it
ALONE = [1 / 4, 0]  # and at the start of a document


def scored(texts: Any, *, settings: lmkit.TextSettings | None = None, **how: Any) -> list[float]:
    """The probabilities of the tokens of texts."""
    blocks = lmkit.score_text(lmkit.CacheModel(AB, settings=settings), texts, **how)
    return [10**value for block in blocks for value in block.scores.log10_probs.tolist()]


def test_the_lines_of_a_file_are_one_document(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b a\nb\n")
    assert scored(text) == pytest.approx(ANEW + THEN)
    assert scored(text, reading=Reading(block_bytes=1)) == pytest.approx(ANEW + THEN)


def test_each_file_is_a_document_even_the_same_one_again(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b a\nb\n")
    assert scored([text, text]) == pytest.approx(2 * (ANEW + THEN))


def test_a_file_that_begins_with_blank_lines_is_a_document(tmp_path: Path) -> None:
    first, second = text_file(tmp_path, "a b a\n"), text_file(tmp_path, "\n\n\nb\n", "second.txt")
    assert scored([first, second], reading=Reading(block_bytes=1)) == pytest.approx(ANEW + ALONE)


def test_running_text_is_a_document_and_so_is_each_file_read_as_one_sentence(tmp_path: Path) -> None:
    text = text_file(tmp_path, "a b a\n\nb\n")
    split = lmkit.TextSettings(sentences="split")
    assert scored([text, text], settings=split) == pytest.approx(2 * (ANEW + THEN))
    document = lmkit.TextSettings(sentences="document")  # "a b a b </s>"
    assert scored([text, text], settings=document) == pytest.approx(2 * [1 / 4, 0, 1 / 2, 1 / 3, 0])


def test_each_record_is_a_document_and_its_lines_are_not(tmp_path: Path) -> None:
    records = text_file(tmp_path, json_lines(["a b a\nb", "b"]), "records.jsonl")
    assert scored(records) == pytest.approx(ANEW + THEN + ALONE)
    assert scored([records, records]) == pytest.approx(2 * (ANEW + THEN + ALONE))
    parquet = table(tmp_path / "records.parquet", {"text": pa.array([None, "a b a\nb", "b"])})
    assert scored(TextFile(parquet, field="text")) == pytest.approx(ANEW + THEN + ALONE)


def test_records_of_running_text_are_documents(tmp_path: Path) -> None:
    records = text_file(tmp_path, json_lines(["a b\na", "b"]), "records.jsonl")
    split = lmkit.TextSettings(sentences="split")
    assert scored([records, records], settings=split) == pytest.approx(2 * (ANEW + ALONE))


def test_records_are_documents_where_figures_are_those_of_records(tmp_path: Path) -> None:
    model = lmkit.CacheModel(AB)
    lines = text_file(tmp_path, "a b a\nb\n")  # of plain text, each line is a record
    records = text_file(tmp_path, json_lines(["a b a\nb", "b"]), "records.jsonl")
    found = [
        (10**value, len(block.block)) for block in lmkit.score_records(model, lines)
        for value in block.scores.log10_probs.tolist()
    ]  # fmt: skip
    assert [value for value, _ in found] == pytest.approx(ANEW + ALONE)
    of_fields = [10**value for block in lmkit.score_records(model, [records, records], resources=Resources(4))
                 for value in block.scores.log10_probs.tolist()]  # fmt: skip
    assert of_fields == pytest.approx(2 * (ANEW + THEN + ALONE))


def test_parquet_files_whose_first_texts_are_null_stay_apart(tmp_path: Path) -> None:
    first = table(tmp_path / "first.parquet", {"text": pa.array(["a b a"])})
    second = table(tmp_path / "second.parquet", {"text": pa.array([None, "b"])})
    texts = [TextFile(first, field="text"), TextFile(second, field="text")]
    assert scored(texts, settings=lmkit.TextSettings(sentences="document")) == pytest.approx(ANEW + ALONE)


def test_unknown_words_never_enter_and_never_predict_each_other(tmp_path: Path) -> None:
    found = scored(text_file(tmp_path, "x a x x a\n"))
    assert found == pytest.approx([1 / 4, 1 / 4, 0, 0, 1, 0])


def test_a_mixture_hands_on_where_documents_begin_and_its_words(tmp_path: Path) -> None:
    """The cache knows a only, as number 3; the mixture has b before it."""
    cache = lmkit.CacheModel(Vocabulary.from_words([*MARKS, b"a"]))
    mixed = mixture([lmkit.UniformModel(Vocabulary.from_words([*MARKS, b"b", b"a"])), cache], [0.5, 0.5])
    text = text_file(tmp_path, "a b a\n")
    blocks = lmkit.score_text(mixed, [text, text])
    found = [10**value for block in blocks for value in block.scores.log10_probs.tolist()]
    # Of the empty cache a has 1/3. Then <unk>, which b is a half of, has nothing.
    assert found == pytest.approx(2 * [(1 / 4 + 1 / 3) / 2, 1 / 8, (1 / 4 + 1) / 2, 1 / 8])


@pytest.fixture(scope="module")
def trigrams() -> lmkit.NgramModel:
    """A model of English."""
    return lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3))


def with_cache(model: lmkit.NgramModel, weight: float = 0.1, size: int = 500, decay: float = 0.0) -> lmkit.Mixture:
    """The model with a cache."""
    cache = lmkit.CacheModel(model.vocabulary, size, decay, model.settings, model.closed)
    return mixture([model, cache], [1 - weight, weight])


@pytest.mark.parametrize("decay", [0.0, 0.003])
def test_figures_are_the_same_whatever_blocks_and_threads(trigrams: lmkit.NgramModel, decay: float) -> None:
    text, mixed = held_out_text("en"), with_cache(trigrams, decay=decay)
    in_blocks = lmkit.perplexity(mixed, text, reading=Reading(block_bytes=1000), resources=Resources(4))
    assert in_blocks == lmkit.perplexity(mixed, text)


def test_tuned_weights_are_those_of_the_figures(trigrams: lmkit.NgramModel) -> None:
    text, mixed = held_out_text("en"), with_cache(trigrams)
    tuned = lmkit.tune_weights(mixed.models, text, resources=Resources(4))
    best = lmkit.perplexity(mixture(mixed.models, tuned.weights), text).perplexity
    assert best == pytest.approx(tuned.perplexity, rel=1e-9)
    assert tuned.alone[0] == pytest.approx(lmkit.perplexity(trigrams, text).perplexity, rel=1e-9)


def test_what_measures_a_text_agrees_about_a_cache(trigrams: lmkit.NgramModel) -> None:
    text, mixed = held_out_text("en"), with_cache(trigrams, decay=0.002)
    figures = lmkit.perplexity(mixed, text)
    assert measure_sentences(mixed, text, resources=Resources(4)).figures == figures
    bits = np.concatenate([found.bits for found in lmkit.text_surprisal(mixed, text, resources=Resources(4))])
    assert bits.mean() == pytest.approx(figures.cross_entropy_bits, rel=1e-9)
    compared = lmkit.compare(trigrams, mixed, text, resources=Resources(4))
    assert compared.b == figures


def test_a_suite_measures_pairs_at_the_same_time_each_with_a_cache_of_its_own(
    tmp_path: Path, trigrams: lmkit.NgramModel
) -> None:
    mixed, texts = with_cache(trigrams), [held_out_text("en"), train_text("fr")]
    suite = text_file(
        tmp_path,
        "[models.cached]\n"
        + "".join(f'[texts.{name}]\npath = "{text}"\n' for name, text in zip("pq", texts, strict=True)),
        "suite.toml",
    )
    outcome = lmkit.evaluate(suite, models={"cached": mixed}, resources=Resources(4))
    found = [pair.figures and pair.figures.perplexity for pair in outcome.pairs]
    assert found == [lmkit.perplexity(mixed, text).perplexity for text in texts]


def test_unknown_words_are_spelled_in_a_mixture_with_a_cache(trigrams: lmkit.NgramModel) -> None:
    text, mixed = held_out_text("en"), with_cache(trigrams)
    letters = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3, settings=lmkit.TextSettings(unit="character")))
    plain, spelled = lmkit.perplexity(mixed, text), lmkit.perplexity(lmkit.SpelledModel.of(mixed, letters), text)
    assert plain.oov
    assert spelled.spelling_bits is not None
    assert spelled.log10_prob == pytest.approx(plain.log10_prob - spelled.spelling_bits * np.log10(2), rel=1e-9)


def test_unknown_words_of_one_model_of_a_mixture_are_not_spelled(trigrams: lmkit.NgramModel) -> None:
    letters = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 3, settings=lmkit.TextSettings(unit="character")))
    mixed = mixture(
        [lmkit.SpelledModel.of(trigrams, letters), lmkit.UniformModel(trigrams.vocabulary, trigrams.settings)]
    )
    with pytest.raises(DataError, match="the letters of unknown words are not to be found in ids"):
        lmkit.perplexity(mixed, held_out_text("en"))


def lines_of(text: Path) -> list[str]:
    """The lines of a text, so many times that there are enough."""
    return text.read_text(encoding="utf-8").splitlines()


def topics(sentences: int) -> list[str]:
    """Sentences about one thing after the other: each has words that are likely for some time."""
    draw = random.Random(1)  # noqa: S311
    found = []
    for number in range(sentences):
        topic = number // 60
        words = [
            f"t{topic}.{draw.randrange(40)}" if draw.random() < 0.3 else f"w{int(draw.paretovariate(0.5))}"
            for _ in range(12)
        ]
        found.append(" ".join(words))
    return found


def warned(lines: list[str], size: int = 1000) -> list[str]:
    """The warnings that a cache gives with a text of these sentences."""
    words = dict.fromkeys(word.encode() for line in lines for word in line.split())
    model = lmkit.CacheModel(Vocabulary.from_words([*MARKS, *words]), size)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lmkit.perplexity(model, io.BytesIO("".join(f"{line}\n" for line in lines).encode()))
    return [str(warning.message) for warning in caught if warning.category is ModelWarning]


def test_a_shuffled_text_is_told_once_and_one_in_its_order_is_not() -> None:
    lines = topics(8000)
    assert warned(lines) == []
    random.Random(2).shuffle(lines)  # noqa: S311
    (told,) = warned(lines)
    assert told.startswith("<stream>: words that come again are as often far from each other as near")


def test_a_text_too_short_to_tell_its_order_is_not_called_shuffled() -> None:
    lines = topics(500)
    random.Random(2).shuffle(lines)  # noqa: S311
    assert warned(lines) == []


def test_sentences_by_themselves_begin_with_an_empty_cache() -> None:
    model = lmkit.CacheModel(AB)
    assert [10**token.log10_prob for token in score_sentence(model, "a b a")] == pytest.approx(ANEW)
    assert lmkit.next_words(model, "a b a").probabilities.tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0])


def test_generated_sentences_have_the_probabilities_that_a_mixture_scores(trigrams: lmkit.NgramModel) -> None:
    mixed = with_cache(trigrams, 0.5)
    finished = [sentence for sentence in lmkit.generate(mixed, 20, seed=1, max_length=60) if sentence.finished]
    assert len(finished) > 5
    for sentence in finished:
        total = sum(token.log10_prob for token in score_sentence(mixed, sentence.text))
        assert total == pytest.approx(sentence.log10_prob, rel=1e-9)


def test_the_next_word_of_a_mixture_is_that_which_is_scored(trigrams: lmkit.NgramModel) -> None:
    mixed = with_cache(trigrams, 0.5, size=3, decay=0.1)
    scored_last = score_sentence(mixed, "the market is big and the")[-2].log10_prob
    assert np.log10(lmkit.probability(mixed, "the", "<s> the market is big and")) == pytest.approx(scored_last)


def test_records_are_classified_each_by_itself_whatever_blocks_and_threads(trigrams: lmkit.NgramModel) -> None:
    models: dict[str, lmkit.Mixture | lmkit.NgramModel] = {"with": with_cache(trigrams), "without": trigrams}

    def found(text: Any, **how: Any) -> list[list[float]]:
        blocks = lmkit.classify_records(models, text, **how)
        return [row for block in blocks for row in block.log10_probs.tolist()]

    lines = held_out_text("en").read_bytes().splitlines(keepends=True)
    together = found(held_out_text("en"), reading=Reading(block_bytes=500), resources=Resources(4))
    assert together == [row for line in lines for row in found(io.BytesIO(line))]


def test_a_cache_is_explained_by_its_counts() -> None:
    found = explain(lmkit.CacheModel(AB, 3), "a b x a")
    steps = [(word.word, word.read_as, word.history, word.steps[0].numbers, word.probability) for word in found]
    assert steps == [
        ("a", "a", (), "1 / 4", Fraction(1, 4)),
        ("b", "b", ("a",), "0 / 1", Fraction(0)),
        ("x", "<unk>", ("a", "b"), "", Fraction(0)),
        ("a", "a", ("a", "b"), "1 / 2", Fraction(1, 2)),
        ("</s>", "</s>", ("a", "b", "a"), "0 / 3", Fraction(0)),
    ]
    assert [word.steps[0].counts for word in found[:3]] == [
        "nothing in it yet: 1 of 4 words that can be predicted", "0 of the last 1 word", "<unk> is never in the cache",
    ]  # fmt: skip


def test_a_decaying_cache_is_explained_by_how_long_ago_the_word_was_said() -> None:
    last = explain(lmkit.CacheModel(AB, 10, 0.5), "a b a a")[3]
    own, total = 1 + np.exp(-1.0), 1 + np.exp(-0.5) + np.exp(-1.0)
    assert last.steps[0].counts == "2 of the last 3 words: 1, 3 back"
    assert last.steps[0].numbers == f"{own:.7g} / {total:.7g}"
    assert last.probability == pytest.approx(own / total)
    assert 10**last.log10_prob == pytest.approx(own / total)


def test_a_mixture_explains_the_part_of_its_cache() -> None:
    mixed = mixture([lmkit.UniformModel(AB), lmkit.CacheModel(AB)], [0.5, 0.5])
    third = explain(mixed, "a b a")[2]
    assert [(step.counts, step.numbers) for step in third.steps] == [
        ("uniform, weight 0.5: 1 of 4 words that can be predicted", "1 / 4"),
        ("cache, weight 0.5: 1 of the last 2 words", "1 / 2"),
        ("", "0.5 · 0.25 + 0.5 · 0.5"),
    ]
    assert third.probability == pytest.approx(3 / 8)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"size": 0}, "a cache of 0 words; it holds 1 to 10,000,000."),
        ({"size": 10**8}, "a cache of 100,000,000 words; it holds 1 to 10,000,000."),
        ({"decay": -0.1}, "a cache with decay -0.1: the decay must be a number of 0 or more."),
        ({"decay": float("nan")}, "a cache with decay nan: the decay must be a number of 0 or more."),
        ({"decay": float("inf")}, "a cache with decay inf: the decay must be a number of 0 or more."),
    ],
)
def test_sizes_and_decays_that_cannot_be_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        lmkit.CacheModel(AB, **options)
    assert str(caught.value).startswith(told)


def test_signatures_of_mixtures_tell_size_and_decay_of_their_caches() -> None:
    caches = [lmkit.CacheModel(AB, 500), lmkit.CacheModel(AB, 1000, 0.002)]
    signature = mixture([lmkit.UniformModel(AB), *caches], [0.5, 0.3, 0.2]).signature()
    assert "|mixture:0.5*uniform+0.3*cache-500+0.2*cache-1000-decay-0.002" in signature


def test_signatures_tell_size_and_decay() -> None:
    assert (
        lmkit.CacheModel(AB, 500, 0.01)
        .signature()
        .startswith("model:cache|size:500|decay:0.01|types:5|vocabulary:open|")
    )
    assert lmkit.UniformModel(AB, closed=True).signature().startswith("model:uniform|types:5|vocabulary:closed|")
