"""Sentences without marks: n-grams stay within them, p(w1) is that of the word alone, and </s> is no event."""

import gzip
import io
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.lm import MLE, Laplace, Lidstone
from nltk.lm import Vocabulary as NltkVocabulary
from nltk.util import everygrams, ngrams

import lmkit
from lmkit.kenlm import Model as KenlmModel
from lmkit.peers.nltk import NltkModel
from lmkit.scoring.classifying.classification import same_settings
from lmkit.scoring.sentences import measure_sentences
from lmkit.smoothing.registry import Smoothing
from lmkit.storage import load_scoring
from lmkit.text.vocabulary import EOS
from tests.conftest import REFERENCE, held_out_text
from tests.laws.test_smoothings import SENTENCES, estimated, every_smoothing

UNMARKED = lmkit.TextSettings(sentence_marks=False)
quick = settings(max_examples=8, deadline=None)
TEXT = ["a b a", "b", "c a b"]
ADDED = ["a b", "a b", "d d"]
HISTORIES = ["", "a", "b", "d", "zzz", "a b", "b a", "d d", "d zzz", "a b a", "c a b"]


def text_of(sentences: list[str]) -> io.BytesIO:
    """The sentences as lines."""
    return io.BytesIO("\n".join(sentences).encode())


def counted(sentences: list[str], order: int, **options: Any) -> lmkit.NgramCounts:
    """The counts of sentences without marks."""
    return lmkit.count_ngrams(text_of(sentences), order, settings=UNMARKED, **options)


def ngrams_of(sentences: list[str], order: int) -> dict[str, int]:
    """The n-grams of this order within the sentences, counted one by one."""
    return Counter(
        " ".join(words[at : at + order]) for words in map(str.split, sentences) for at in range(len(words) - order + 1)
    )


def scores_of(model: lmkit.NgramModel | lmkit.NgramCounts, sentences: list[str]) -> list[float]:
    """log10 p of each token."""
    found = [each.scores.log10_probs for each in lmkit.score_text(model, text_of(sentences))]
    return list(map(float, np.concatenate(found)))


def histories_within(sentences: list[str], order: int) -> list[tuple[str, str]]:
    """Each word with the up to n−1 words before it in its sentence."""
    return [
        (words[at], " ".join(words[max(0, at - order + 1) : at]))
        for words in map(str.split, sentences)
        for at in range(len(words))
    ]


@quick
@given(SENTENCES, st.integers(1, 4))
def test_counts_are_those_of_the_ngrams_within_sentences(sentences: list[str], order: int) -> None:
    counts = counted(sentences, order)
    for length in range(1, order + 1):
        assert dict(lmkit.list_ngrams(counts.up_to(length))) == ngrams_of(sentences, length)
    assert (counts.sentences, counts.tokens) == (len(sentences), sum(len(each.split()) for each in sentences))
    assert counts.counts[0][EOS] == 0


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 4), st.booleans(), st.integers(1, 2))
def test_probabilities_sum_to_one_over_words_alone(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool, cutoff: int
) -> None:
    model = unmarked_model(row, variant, [*sentences, *ADDED], order, cutoff=cutoff, closed=closed)
    assert model.events == len(model.vocabulary) - 2 - closed
    for history in HISTORIES if row.traits.is_distribution else ():
        probs = 10.0 ** lmkit.conditional_log10_probs(model, history)
        assert probs[EOS] == 0
        if row.traits.is_smoothed or probs.any():
            assert probs.sum() == pytest.approx(1.0, abs=1e-9), history


def unmarked_model(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, *, cutoff: int = 1, **options: Any
) -> lmkit.NgramModel:
    """A model of a variant."""
    return estimated(row, variant, counted(sentences, order, cutoff=cutoff), **options)


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 4), st.booleans())
def test_text_is_scored_word_by_word_after_what_stands_before_in_the_line(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool
) -> None:
    model = unmarked_model(row, variant, [*sentences, *ADDED], order, closed=closed)
    asked = [*sentences, "d c b a d d", "a zzz b a a b", "zzz"]
    expected = [
        lmkit.conditional_log10_probs(model, history)[model.vocabulary.id_of(word)]
        for word, history in histories_within(asked, order)
    ]
    assert scores_of(model, asked) == pytest.approx(expected, abs=1e-9)
    if row.traits.is_smoothed and variant.get("interpolated") is not False:
        assert np.isfinite(scores_of(model, sentences)).all()  # be it that a word only begins lines


def test_what_only_begins_lines_backs_off_in_models_that_count_words_before() -> None:
    """No word stands before "a b": its adjusted count is 0. p(b | a) is then what is left for words not seen after a, which is all."""
    counts = counted(["a b c", "d b d"], 3)
    model = lmkit.kneser_ney(counts, interpolated=False, discounts=[0.5, 1, 1.5], precision="double")
    # b after a and d, c after b, d after b: A = 4, of which 0.5 + 0.5 + 1 are left, in equal parts, for a and <unk>.
    assert lmkit.probability(model, "b") == pytest.approx((2 - 1) / 4)
    assert lmkit.probability(model, "c") == pytest.approx((1 - 0.5) / 4)
    assert lmkit.probability(model, "a") == pytest.approx(2 / 4 / 2)
    assert lmkit.probability(model, "b", "a") == pytest.approx(lmkit.probability(model, "b"))
    assert lmkit.probability(model, "c", "a b") == pytest.approx((1 - 0.5) / 1)


@every_smoothing
def test_generated_lines_have_the_length_that_is_asked_for(row: Smoothing, variant: dict[str, Any]) -> None:
    model = unmarked_model(row, variant, [*TEXT, *ADDED] * 2, 3)
    if not row.traits.is_distribution:
        return
    with pytest.raises(lmkit.UsageError, match=r"^without sentence marks, lines have no end of their own\."):
        lmkit.generate(model, 3)
    found = lmkit.generate(model, 20, seed=1, max_length=4)
    texts = [each.text for each in found if each.finished]  # without smoothing, some end where nothing was seen
    assert {len(text.split()) for text in texts} == {4}
    assert {each.tokens for each in found if each.finished} == {4}
    expected = [sum(scores_of(model, [each.text])) for each in found]
    assert [each.log10_prob for each in found] == pytest.approx(expected, abs=1e-9)
    assert {text.split()[0] for text in texts} <= set("abcd")
    prompted = lmkit.generate(model, 5, seed=1, max_length=4, prompt="a b")
    assert all(each.text.startswith("a b") for each in prompted)


def test_what_needs_the_marks_of_sentences_refuses_text_without(tmp_path: Path) -> None:
    counts = counted(TEXT, 2)
    model = lmkit.witten_bell(counts)
    text = tmp_path / "text"
    text.write_text("\n".join(TEXT), encoding="utf-8")
    marked = lmkit.witten_bell(lmkit.count_ngrams(text, 2))
    refused: list[tuple[type[Exception], Callable[[], object]]] = [
        (lmkit.UsageError, lambda: lmkit.save(model, tmp_path / "model.binary")),
        (lmkit.UsageError, lambda: KenlmModel(model)),
        (lmkit.UsageError, lambda: lmkit.entropy(text, settings=UNMARKED)),
        (lmkit.UsageError, lambda: lmkit.entropy(text, model=model)),
        (lmkit.UsageError, lambda: lmkit.read_counts(io.BytesIO(b"a\t1\n"), settings=UNMARKED)),
        (lmkit.UsageError, lambda: lmkit.encode_text(text, settings=UNMARKED)),
        (lmkit.UsageError, lambda: lmkit.TextSettings(sentence_marks=False, blank_lines="sentence")),
        (lmkit.DataError, lambda: lmkit.merge_counts([counts, counts])),
        (lmkit.DataError, lambda: lmkit.compare(model, marked, text)),
        (lmkit.DataError, lambda: same_settings({"one": UNMARKED, "other": lmkit.TextSettings()})),
        (lmkit.DataError, lambda: lmkit.mixture([model, marked])),
    ]
    for kind, do in refused:
        with pytest.raises(kind, match=r"no-sentence-marks|sentence_marks"):
            do()
    with pytest.raises(
        lmkit.UsageError, match=r"^sentence-marks is yes here, but the model was made with sentence-marks no\."
    ):
        UNMARKED.for_use_with(sentence_marks=True)


def test_models_of_lines_without_marks_are_pruned_and_mixed_and_sum_to_one() -> None:
    text = [*TEXT, *ADDED, "c a c d", "d a b c a"] * 3
    model, other = lmkit.witten_bell(counted(text, 3)), lmkit.absolute_discounting(counted(text[2:9], 2), 0.5)
    changed = [
        lmkit.prune(model, 1e-2).model,
        lmkit.build_mixture(lmkit.mixture([model, other])),
        lmkit.quantize(model, 8),
    ]
    for each in changed:
        for history in HISTORIES:
            probs = 10.0 ** lmkit.conditional_log10_probs(each, history)
            assert probs[EOS] == 0
            assert probs.sum() == pytest.approx(1.0, abs=1e-2 if each is changed[-1] else 1e-5)


# what was seen has a probability, be it only at the start of a line


@every_smoothing
@quick
@given(SENTENCES, st.integers(1, 3), st.booleans())
def test_explanations_give_the_models_probability(
    row: Smoothing, variant: dict[str, Any], sentences: list[str], order: int, closed: bool
) -> None:
    model = unmarked_model(row, variant, [*sentences, *ADDED], order, closed=closed)
    for sentence in (sentences[0], "d c b a d d", "a zzz b"):
        explained = lmkit.explain(model, sentence)
        assert [word.word for word in explained] == sentence.split()
        for word in explained:
            assert float(word.probability) == pytest.approx(10.0**word.log10_prob, rel=1e-6, abs=1e-12)


@every_smoothing
def test_files_keep_the_scores(row: Smoothing, variant: dict[str, Any], tmp_path: Path) -> None:
    """ARPA files have neither <s> nor </s>, and none of models that look at full histories only."""
    model = unmarked_model(row, variant, [*TEXT, *ADDED] * 2, 3)
    lmkit.save(model, tmp_path / "model.safetensors")
    asked = [*TEXT, "zzz a b b", "d d d"]
    assert scores_of(lmkit.load_model(tmp_path / "model.safetensors"), asked) == scores_of(model, asked)
    if row.traits.full_histories_only:
        with pytest.raises(lmkit.DataError, match=r"without sentence marks \(--no-sentence-marks\) is no model"):
            lmkit.save(model, tmp_path / "model.arpa")
        return
    lmkit.save(model, tmp_path / "model.arpa")
    lines = (tmp_path / "model.arpa").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "s>" in line and not line.startswith("#")]
    assert scores_of(lmkit.load_model(tmp_path / "model.arpa"), asked) == pytest.approx(
        scores_of(model, asked), abs=1e-9
    )
    bare = tmp_path / "bare.arpa"
    bare.write_text("\n".join(line for line in lines if not line.startswith("#")), encoding="utf-8")
    with pytest.warns(lmkit.ModelWarning, match="no sentence can end"):
        other = lmkit.load_model(bare)
    found = lmkit.perplexity(other, text_of(asked), settings=UNMARKED)
    assert found.log10_prob == pytest.approx(sum(scores_of(model, asked)), abs=1e-5)


def test_models_of_other_tools_score_such_text_as_decoders_do_without_begin_and_end(tmp_path: Path) -> None:
    """`lmkit.kenlm` walks word by word, from the empty history on; KenLM's hash tables are scored by a scorer of their own."""
    (tmp_path / "theirs.arpa").write_bytes(gzip.decompress((REFERENCE / "kenlm" / "en.o3.arpa.gz").read_bytes()))
    lmkit.save(lmkit.load_model(tmp_path / "theirs.arpa"), tmp_path / "theirs.binary")
    with held_out_text("en").open(encoding="utf-8") as lines:
        asked = [line.strip() for line in lines][:20]
    walked = KenlmModel(tmp_path / "theirs.arpa")
    expected = sum(walked.score(sentence, bos=False, eos=False) for sentence in asked)
    for name in ("theirs.arpa", "theirs.binary"):
        model = load_scoring(tmp_path / name)
        found = lmkit.perplexity(model, text_of(asked), settings=UNMARKED)
        assert found.log10_prob == pytest.approx(expected, abs=1e-4)
        assert found.tokens == sum(len(sentence.split()) for sentence in asked)


def test_perplexity_is_one_over_words_alone() -> None:
    """Of 7 words a and b are 3 each, and c is 1; a is followed by b twice and by nothing else, b by a, c by a."""
    counts = counted(TEXT, 2)
    found = lmkit.perplexity(counts, text_of(TEXT))
    expected = 3 / 7 * 1 * 1 * (3 / 7) * (1 / 7) * 1 * 1
    assert found.log10_prob == pytest.approx(math.log10(expected))
    assert (found.tokens, found.sentences, found.running_words) == (7, 3, 7)
    assert found.perplexity == pytest.approx(expected ** (-1 / 7))
    assert "|sentence-marks:no|" in found.signature
    sentences = measure_sentences(counts, text_of(TEXT)).sentences
    assert sentences.tokens.tolist() == [3, 1, 3]
    assert sentences.perplexities.tolist() == pytest.approx([(3 / 7) ** (-1 / 3), 7 / 3, 7 ** (1 / 3)])


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("alpha", [0.0, 1.0, 0.1])
def test_additive_models_are_those_of_nltk_without_padding(order: int, alpha: float) -> None:
    """NLTK's vocabulary has <UNK>; a history shorter than n−1 words is one of its own order."""
    lines = [sentence.split() for sentence in TEXT * 2 + ["a a c b", "c"]]
    vocabulary = NltkVocabulary([word for line in lines for word in line])
    theirs = {0.0: MLE(order), 1.0: Laplace(order)}.get(alpha, Lidstone(alpha, order))
    theirs.vocab = vocabulary
    theirs.fit([list(everygrams(line, max_len=order)) for line in lines])
    counts = counted([" ".join(line) for line in lines], order)
    ours = lmkit.laplace(counts, alpha, precision="double") if alpha else counts
    asked = [*TEXT, "b b c a", "c c"]
    expected = [theirs.score(word, history.split() or None) for word, history in histories_within(asked, order)]
    assert (10.0 ** np.array(scores_of(ours, asked))).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_nltks_own_perplexity_is_that_of_unpadded_ngrams(order: int) -> None:
    lines = [sentence.split() for sentence in TEXT * 2]
    theirs = Laplace(order)
    theirs.vocab = NltkVocabulary([word for line in lines for word in line])
    theirs.fit([list(everygrams(line, max_len=order)) for line in lines])
    asked = ["b a b", "c a a b"]
    found = NltkModel(counted(TEXT * 2, order), "Laplace").perplexity(text_of(asked))
    expected = theirs.perplexity([ngram for line in asked for ngram in ngrams(line.split(), order)])
    assert found.perplexity == pytest.approx(expected)
