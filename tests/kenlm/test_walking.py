"""Word by word, a model gives what the scorer of whole texts gives, whatever it is made of."""

import io
import itertools
import math
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import lmkit
import lmkit.kenlm.history
from lmkit import kenlm
from lmkit.ngrams.trie.suffixes import suffixes_of
from lmkit.smoothing.registry import Smoothing
from tests.backoff_models import WORDS, random_model, read
from tests.conftest import CASES, CORPORA, LANGUAGES, text_file, train_text
from tests.kenlm.test_module import sentences
from tests.laws.test_smoothings import SENTENCES_OF_ALL, counted, estimated, every_smoothing

Rows = list[tuple[float, int, bool]]


def walked(model: kenlm.Model, lines: list[list[str]]) -> Rows:
    """The full scores of the words of sentences, from state to state."""
    found = []
    for line in lines:
        state = kenlm.State()
        model.BeginSentenceWrite(state)
        for word in [*line, "</s>"]:
            following = kenlm.State()
            full = model.BaseFullScore(state, word, following)
            found.append((full.log_prob, full.ngram_length, full.oov))
            state = following
    return found


def scored(model: lmkit.NgramModel, lines: list[list[str]]) -> Rows:
    """The same by the scorer of texts."""
    text = "".join(" ".join(line) + "\n" for line in lines).encode()
    rows: Rows = []
    for block in lmkit.score_text(model, io.BytesIO(text)):
        scores = block.scores
        assert scores.matched_orders is not None
        rows += zip(scores.log10_probs.tolist(), scores.matched_orders.tolist(), scores.oov.tolist(), strict=True)
    return rows


def check(model: lmkit.NgramModel, lines: list[list[str]]) -> None:
    """Both are the same."""
    found, expected = walked(kenlm.Model(model), lines), scored(model, lines)
    assert [row[1:] for row in found] == [row[1:] for row in expected]
    assert [row[0] for row in found] == pytest.approx([row[0] for row in expected], rel=1e-12, abs=1e-12)


def words_of_test_text(language: str) -> list[list[str]]:
    """The sentences of a test text as words."""
    return [line.split() for line in sentences(language)]


ALL_SHORT = [list(line) for length in range(1, 5) for line in itertools.product("abdz", repeat=length)]


@every_smoothing
@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("closed", [False, True])
def test_every_smoothing_walks_as_it_scores(row: Smoothing, variant: dict[str, Any], order: int, closed: bool) -> None:
    check(estimated(row, variant, counted(SENTENCES_OF_ALL, order), closed=closed), ALL_SHORT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_models_of_real_text_walk_as_they_score(language: str) -> None:
    counts = lmkit.count_ngrams(train_text(language), 5)
    check(lmkit.kneser_ney(counts), words_of_test_text(language))
    check(lmkit.stupid_backoff(counts), words_of_test_text(language))


@pytest.mark.parametrize("smoothing", [lmkit.witten_bell, lmkit.laplace, lmkit.maximum_likelihood])
def test_large_counts_which_stand_apart_are_found(smoothing: Any) -> None:
    check(smoothing(lmkit.count_ngrams([train_text("fr")] * 60, 3)), words_of_test_text("fr"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pruned_and_compact_models_walk_as_they_score(language: str, tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(train_text(language), 4)
    pruned = lmkit.prune(lmkit.witten_bell(counts), 1e-4).model
    assert any((suffixes < 0).any() for suffixes in suffixes_of(pruned.orders))  # some are gone
    check(pruned, words_of_test_text(language))
    lmkit.save(lmkit.kneser_ney(counts), tmp_path / "x.safetensors", compact=True)
    check(lmkit.load_model(tmp_path / "x.safetensors"), words_of_test_text(language))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("order", [2, 3, 4])
def test_models_whose_suffixes_are_missing_walk_as_they_score(seed: int, order: int) -> None:
    random = Random(seed)  # noqa: S311 (makes test data)
    words = [*WORDS[:-1], "zzz"]
    check(random_model(seed, order), [random.choices(words, k=random.randint(1, 9)) for _ in range(40)])


def test_forgetting_steps_changes_nothing(monkeypatch: pytest.MonkeyPatch, english_model: Path) -> None:
    model = lmkit.load_model(english_model)
    expected = walked(kenlm.Model(model), words_of_test_text("en"))
    monkeypatch.setattr(lmkit.kenlm.history, "MOST_STEPS", 7)
    assert walked(kenlm.Model(model), words_of_test_text("en")) == expected


def test_equal_states_score_all_words_alike(french_model: Path) -> None:
    """After histories of different words."""
    model = kenlm.Model(french_model)
    state, other = kenlm.State(), kenlm.State()
    for word in ("il", "y", "zzz", "a"):
        model.BaseScore(state, word, state)
    for word in ("le", "zzz", "a"):
        model.BaseScore(other, word, other)
    assert state == other
    for word in ("la", "du", "zzz", "</s>"):
        assert model.BaseScore(state, word, kenlm.State()) == model.BaseScore(other, word, kenlm.State())


def test_what_ends_in_no_history_is_equal_to_nothing(french_model: Path) -> None:
    """No n-gram goes on after </s> or an unknown word that the training text lacks."""
    model = kenlm.Model(french_model)
    state = kenlm.State()
    model.BaseScore(state, "zzz", state)
    assert state == kenlm.State()


def test_under_stupid_backoff_words_that_no_history_has_count_all_the_same() -> None:
    """S(a | z z) = α² S(a), S(a | z) = α S(a), as S(a | b z) = α² S(a)."""
    model = kenlm.Model(lmkit.stupid_backoff(counted(["a b a"], 3), precision="double"))
    alone = model.score("a", bos=False, eos=False)

    def after(*words: str) -> float:
        state = kenlm.State()
        for word in words:
            model.BaseScore(state, word, state)
        return model.BaseScore(state, "a", state) - alone

    assert [after("z"), after("z", "z"), after("z", "z", "z"), after("b", "z")] == pytest.approx(
        [math.log10(0.4) * k for k in (1, 2, 2, 2)]
    )


def settings_of(**wanted: Any) -> lmkit.TextSettings:
    """Settings by name."""
    return lmkit.TextSettings.named(**wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        {"lowercase": True, "fold_numbers": True},
        {"casefold": True},
        {"strip_accents": True, "normalize": "nfkc"},
        {"normalize": "none"},
        {"unify_quotes": True, "tokenizer": "words"},
        {"tokenizer": "character"},
        {"tokenizer": "byte"},
    ],
    ids=str,
)
def test_scores_are_those_of_perplexity_whatever_the_words_are_made_of(wanted: dict[str, Any]) -> None:
    counts = lmkit.count_ngrams(CORPORA / "fr.train.txt", 3, settings=settings_of(**wanted))
    ngrams = lmkit.witten_bell(counts)
    model = kenlm.Model(ngrams)
    for line in ("L’ÉTÉ de 1998, à Kara", "Il y a du\tmonde .", "e\u0301te\u0301", "", "  "):
        found, expected = list(model.full_scores(line)), lmkit.score_sentence(ngrams, line)
        assert [score for score, _, _ in found] == pytest.approx([token.log10_prob for token in expected], rel=1e-12)
        assert [rest for _, *rest in found] == [[token.order, token.oov] for token in expected]
        assert model.scores([line])[0] == pytest.approx(model.score(line), rel=1e-12)


def test_a_word_is_shaped_as_the_models_words_were() -> None:
    model = kenlm.Model(
        lmkit.kneser_ney(lmkit.count_ngrams(CORPORA / "fr.train.tok", 2, settings=settings_of(lowercase=True)))
    )
    state = kenlm.State()
    assert "MARCHE\u0301" in model
    assert model.BaseScore(state, "MARCHÉ", kenlm.State()) == model.BaseScore(state, "marché", kenlm.State())


def test_words_of_other_tools_are_looked_up_as_they_are() -> None:
    """An ARPA file may have decomposed letters, which NFC composes."""
    arpa = "\\data\\\nngram 1=4\n\n\\1-grams:\n-1\t<unk>\n-99\t<s>\n-0.5\t</s>\n-0.25\te\u0301te\u0301\n\n\\end\\\n"
    model = kenlm.Model(read(arpa))
    assert ("e\u0301te\u0301" in model, "été" in model) == (True, False)
    assert model.score("e\u0301te\u0301 été") == model.scores(["e\u0301te\u0301 été"])[0] == -1.75


def test_many_sentences_are_scored_at_once(french_model: Path) -> None:
    model = kenlm.Model(french_model)
    lines: list[str | bytes] = ["", *sentences("fr"), b"zzz zzz", "le\nmarché"] * 150  # more than are taken at a time
    found = model.scores(lines)
    assert found.dtype == np.float64
    assert found == pytest.approx([model.score(line) for line in lines], rel=1e-12)
    assert model.scores([]).shape == (0,)
    with pytest.raises(lmkit.DataError, match=r"^<sentences>:2: invalid UTF-8"):
        model.scores(["le", b"\xff"])
    with pytest.raises(lmkit.DataError, match=r"^<sentences>:3: the text contains the reserved word <s>"):
        model.scores(["le", "", "<s> le"])


def test_a_text_without_probability_has_an_infinite_perplexity() -> None:
    model = kenlm.Model(
        lmkit.kneser_ney(
            counted(["a b"] * 3 + ["a c", "c d", "b b a"], 2), closed=True, discount_fallback="generalised"
        )
    )
    assert model.score("a zzz") == -math.inf
    assert model.perplexity("a zzz") == math.inf


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError):
        kenlm.Model(text_file(tmp_path, "hello\n"))
    with pytest.raises(lmkit.DataError):
        kenlm.Model(str(CASES / "fst"))


def test_after_nothing_full_histories_are_none() -> None:
    """Of additive smoothing is left 1/V, of maximum likelihood nothing."""
    counts = counted(["a b", "b a b"], 3)
    assert kenlm.Model(lmkit.laplace(counts)).score("a", bos=False, eos=False) == pytest.approx(math.log10(1 / 4))
    assert kenlm.Model(counts).score("a", bos=False, eos=False) == -math.inf
