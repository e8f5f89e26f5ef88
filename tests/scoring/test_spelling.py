"""Unknown words charged letter by letter: figures by hand, sums over all words, and where it can and cannot be done.

The speller is a Laplace model of order 1 of the words "a" and "ab". Over its events </s> <unk> a b (V = 4), with 5 tokens:

    p(a) = (2 + 1) / (5 + 4) = 3/9   p(b) = 2/9   p(</s>) = 3/9   p(<unk>) = 1/9

so that "ba" has 2/9 · 3/9 · 3/9 = 18/729, and "c" has 1/9 / (1,112,064 − 2) · 3/9: an unknown letter is one of all code points but two.
The model is a Laplace model of order 1 of the sentence "x y": p(x) = p(y) = p(</s>) = 2/7, p(<unk>) = 1/7.
"""

import io
import itertools
import json
import math
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError
from lmkit.scoring.protocol import Scorer
from lmkit.scoring.sentences import measure_sentences
from lmkit.scoring.spelling import Letters
from lmkit.scoring.tokens import score_sentence
from lmkit.smoothing.spelling import BUILT_IN
from tests.conftest import Run, held_out_text, text_file, train_text

CHARACTERS = lmkit.TextSettings(unit="character")
CODE_POINTS = 0x110000 - 0x800  # without surrogates
BA = Fraction(18, 729)
C = Fraction(1, 9) / (CODE_POINTS - 2) * Fraction(3, 9)


def model_of(text: str, order: int = 1, **settings: Any) -> lmkit.NgramModel:
    """The Laplace model of a text."""
    return lmkit.laplace(lmkit.count_ngrams(io.BytesIO(text.encode()), order, settings=lmkit.TextSettings(**settings)))


def speller_of(words: str = "a\nab\n", order: int = 1, **settings: Any) -> lmkit.NgramModel:
    """The Laplace model of the characters of words."""
    return model_of(words, order, **{"unit": "character"} | settings)


def log10(probability: Fraction) -> float:
    """log10 of a fraction of any size."""
    return math.log10(probability.numerator) - math.log10(probability.denominator)


def measured(model: Any, text: str, **how: Any) -> lmkit.Perplexity:
    """The figures of a text."""
    return lmkit.perplexity(model, io.BytesIO(text.encode()), **how)


def test_an_unknown_word_costs_unk_and_each_of_its_letters_and_its_end() -> None:
    spelled = measured(lmkit.spell_unknown(model_of("x y\n"), speller_of()), "x ba c\n")
    plain = measured(model_of("x y\n"), "x ba c\n")
    of_letters = log10(BA * C)
    of_words = log10(Fraction(2, 7) * Fraction(1, 7) ** 2 * Fraction(2, 7))
    assert plain.log10_prob == pytest.approx(of_words, rel=1e-9)
    assert spelled.log10_prob == pytest.approx(of_words + of_letters, rel=1e-9)
    assert spelled.spelling_bits == pytest.approx(-of_letters / math.log10(2), rel=1e-9)
    assert (spelled.oov, spelled.spelled, spelled.unspelled) == (2, 2, 0)
    assert (plain.oov, plain.spelled, plain.spelling_bits, plain.unspelled) == (2, None, None, 2)
    assert spelled.bits_per_byte == pytest.approx(-(of_words + of_letters) / math.log10(2) / len("x ba c\n"), rel=1e-9)
    assert spelled.perplexity == pytest.approx(10 ** (-(of_words + of_letters) / 4), rel=1e-9)
    assert spelled.perplexity_excluding_oov == plain.perplexity_excluding_oov


@pytest.mark.parametrize("order", [1, 3])
def test_the_words_of_an_alphabet_and_all_other_code_points_sum_to_1(order: int) -> None:
    """C stands for each unknown letter. Of order 1, a word goes on with probability 6/9 after each letter."""
    letters, others = Letters(speller_of(order=order)), CODE_POINTS - 2
    sums = [0.0]
    for length in range(8):
        words = ["".join(word) for word in itertools.product("abc", repeat=length)]
        probs = 10.0 ** letters.log10_probs([word.encode() for word in words])
        sums.append(sums[-1] + sum(float(others) ** word.count("c") * p for word, p in zip(words, probs, strict=True)))
        if order == 1:
            assert sums[-1] == pytest.approx(1 - (6 / 9) ** (length + 1), rel=1e-9)
    assert sums == sorted(sums)
    assert 0.9 < sums[-1] <= 1 + 1e-12


@given(st.lists(st.text(st.sampled_from("abé"), min_size=1, max_size=9), min_size=1, max_size=30, unique=True))
def test_the_built_in_speller_can_spell_any_word_whatever_the_vocabulary(words: list[str]) -> None:
    vocabulary = lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", *(word.encode() for word in words)])
    asked = [*words, "zz", "é", "a" * 20]
    assert np.isfinite(Letters(lmkit.speller_of(vocabulary)).log10_probs([word.encode() for word in asked])).all()


def test_the_built_in_speller_takes_other_discounts_where_one_of_them_is_0() -> None:
    """Of these words, the second discount of order 4 comes out as 0: after some letters, nothing would be left for others."""
    words = b"a aba abaab ababba abba abbb abbbb bab babaa bbb".split()
    lines = io.BytesIO(b"\n".join(words))
    several = lmkit.kneser_ney(lmkit.count_ngrams(lines, 6, settings=CHARACTERS), discount_fallback="generalised")
    assert several.parameters["discounts"][3]["d"][1] == 0
    speller = lmkit.speller_of(lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", *words]))
    assert all(order["d"][0] > 0 for order in speller.parameters["discounts"])
    assert speller.method == "kneser-ney"


def test_what_is_spelled_is_the_word_as_the_model_reads_it() -> None:
    model = model_of("x y\n", lowercase=True, normalize="nfc")
    spelled = lmkit.spell_unknown(model, speller_of("a\nab\né\n"))
    assert measured(spelled, "x BA\n").spelling_bits == measured(spelled, "x ba\n").spelling_bits
    assert measured(spelled, "x E\u0301\n").spelling_bits == measured(spelled, "x é\n").spelling_bits


def test_a_speller_may_not_change_letters_that_the_model_keeps() -> None:
    with pytest.raises(DataError, match="--lowercase is yes in the model of characters, and no in the model of words"):
        lmkit.spell_unknown(model_of("x y\n"), speller_of(lowercase=True))
    lower = lmkit.spell_unknown(model_of("x y\n", lowercase=True), speller_of(lowercase=True))
    assert measured(lower, "x BA\n").spelled == 1
    with pytest.raises(DataError, match="--lowercase is yes"):  # the text is read otherwise than the model says
        measured(lower, "x BA\n", settings=lmkit.TextSettings())


def test_words_without_sentence_marks_are_spelled_where_they_stand() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"x y\n"), 1, settings=lmkit.TextSettings(sentence_marks=False))
    model = lmkit.laplace(counts)
    spelled = lmkit.spell_unknown(model, speller_of())
    plain = measured(model, "x y\nba x\ny c\n")
    assert measured(spelled, "x y\nba x\ny c\n").log10_prob == pytest.approx(plain.log10_prob + log10(BA * C), rel=1e-9)
    tokens = next(iter(lmkit.text_surprisal(spelled, io.BytesIO(b"x y\nba x\ny c\n"))))
    before = next(iter(lmkit.text_surprisal(model, io.BytesIO(b"x y\nba x\ny c\n"))))
    changed = dict(zip(tokens.tokens, (tokens.log10_probs - before.log10_probs).tolist(), strict=True))
    assert changed == pytest.approx({"x": 0.0, "y": 0.0, "ba": log10(BA), "c": log10(C)}, abs=1e-9)


def test_the_token_of_an_unknown_word_costs_its_letters() -> None:
    plain = score_sentence(model_of("x y\n"), "ba x c")
    spelled = score_sentence(lmkit.spell_unknown(model_of("x y\n"), speller_of()), "ba x c")
    differences = [a.log10_prob - b.log10_prob for a, b in zip(spelled, plain, strict=True)]
    assert differences == pytest.approx([log10(BA), 0, log10(C), 0], abs=1e-9)


def test_sentences_and_records_add_up_to_the_text() -> None:
    text = "x ba\n\ny\nc c ba x\n"
    model = lmkit.spell_unknown(model_of("x y\n"), speller_of())
    whole = measured(model, text)
    found = measure_sentences(model, io.BytesIO(text.encode()))
    assert found.figures == whole
    assert found.sentences.log10_probs.sum() == pytest.approx(whole.log10_prob, rel=1e-9)
    (records,) = lmkit.score_records(model, io.BytesIO(text.encode()))
    assert records.figures().log10_probs.sum() == pytest.approx(whole.log10_prob, rel=1e-9)
    assert records.figures().unspelled.sum() == whole.unspelled == 0
    (plain,) = lmkit.score_records(model_of("x y\n"), io.BytesIO(text.encode()))
    assert plain.figures().unspelled.tolist() == [1, 0, 0, 3]


def test_figures_do_not_depend_on_blocks_and_threads() -> None:
    counts = lmkit.count_ngrams(train_text("fr"), 3, cutoff=3)
    model = lmkit.spell_unknown(lmkit.kneser_ney(counts))
    whole = lmkit.perplexity(model, held_out_text("fr"))
    assert whole.spelled == whole.oov > 100
    for workers, block_bytes in ((1, 50), (3, 50), (3, 700)):
        reading = lmkit.Reading().in_blocks_of(block_bytes)
        found = lmkit.perplexity(model, held_out_text("fr"), reading=reading, resources=lmkit.Resources(workers))
        assert found == whole


def test_a_text_without_unknown_words_costs_the_same() -> None:
    model = model_of("x y\n")
    found, plain = (measured(each, "x y\ny\n") for each in (lmkit.spell_unknown(model, speller_of()), model))
    assert replace(found, signature="", spelled=None, spelling_bits=None) == replace(plain, signature="")
    assert (found.spelled, found.spelling_bits) == (0, 0.0)


def test_unk_in_the_text_has_no_letters_to_be_charged() -> None:
    model = lmkit.spell_unknown(model_of("x y\n"), speller_of())
    for settings, text in (
        (lmkit.TextSettings(reserved="keep"), "x <unk> ba\n"),
        (lmkit.TextSettings(unknown_word="<OOV>"), "x <OOV> ba\n"),
    ):
        found = measured(model, text, settings=settings)
        assert (found.oov, found.spelled, found.unspelled) == (2, 1, 1)
        assert found.spelling_bits == pytest.approx(-log10(BA) / math.log10(2), rel=1e-9)


def test_unknown_characters_are_one_of_all_code_points_that_are_not_known() -> None:
    model = speller_of()
    plain, found = (measured(each, "acd\n") for each in (model, lmkit.spell_unknown(model)))
    bits = 2 * math.log2(CODE_POINTS - 2)
    assert (found.oov, found.spelled, found.unspelled) == (2, 2, 0)
    assert found.spelling_bits == pytest.approx(bits, rel=1e-9)
    assert found.log10_prob == pytest.approx(plain.log10_prob - bits * math.log10(2), rel=1e-9)


def test_a_model_that_does_not_say_that_it_is_of_characters_is_one_where_the_text_is_read_so() -> None:
    told, silent = speller_of(), replace(speller_of(), settings=None)
    found = measured(lmkit.spell_unknown(silent), "acd\n", settings=CHARACTERS)
    assert found.log10_prob == measured(lmkit.spell_unknown(told), "acd\n").log10_prob
    with pytest.raises(DataError, match="and this does not say what its tokens are"):
        lmkit.spell_unknown(model_of("x y\n"), silent)


def test_a_model_of_bytes_spells_every_word() -> None:
    spelled = lmkit.spell_unknown(model_of("x y\n"), speller_of(unit="byte"))
    probs = [
        Fraction(1, 5 + 258),
        Fraction(3, 5 + 258),
    ]  # of a byte not seen, and of </s>, over </s>, <unk> and 256 bytes
    expected = log10(probs[0] ** 2 * probs[1])
    assert measured(spelled, "é\n").spelling_bits == pytest.approx(-expected / math.log10(2), rel=1e-9)


def test_a_closed_speller_has_no_probability_for_letters_that_it_does_not_know() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"a\nab\n"), 1, settings=CHARACTERS)
    found = measured(lmkit.spell_unknown(model_of("x y\n"), lmkit.laplace(counts, closed=True)), "x c\n")
    assert (found.spelling_bits, found.bits_per_byte, found.zero_probability_tokens) == (math.inf, math.inf, 1)
    assert math.isfinite(found.perplexity_excluding_oov)
    assert (found.spelled, found.unspelled) == (1, 0)


def test_unknown_subwords_have_lost_their_letters(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
    tokenizer = lmkit.train_tokenizer(
        [text_file(tmp_path, "le chat dort\nle chien dort\n")], kind="wordpiece", vocabulary_size=30
    )
    counts = lmkit.count_ngrams(io.BytesIO(b"le chat dort\n"), 2, settings=tokenizer.settings())
    found = measured(lmkit.spell_unknown(lmkit.laplace(counts)), "le \u6f22 dort\n")
    assert found.oov == found.unspelled > 0
    assert (found.spelled, found.spelling_bits) == (0, 0.0)


def test_words_that_are_impossible_flatter_no_figure() -> None:
    counts = lmkit.count_ngrams(io.BytesIO(b"x y\n"), 1)
    found = measured(lmkit.laplace(counts, closed=True), "x ba\n")
    assert (found.oov, found.unspelled, found.bits_per_byte) == (1, 0, math.inf)


def test_the_unknown_words_of_a_mixture_are_spelled_as_a_whole() -> None:
    models = [model_of("x y\n"), model_of("x z\n")]
    mixture = lmkit.mixture(models)
    plain, found = (measured(each, "x z ba\n") for each in (mixture, lmkit.spell_unknown(mixture, speller_of())))
    assert (found.oov, found.spelled) == (1, 1)
    assert found.log10_prob == pytest.approx(plain.log10_prob + log10(BA), rel=1e-9)
    with pytest.raises(DataError, match="of a mixture, spell the unknown words of the whole"):
        measured(lmkit.mixture([lmkit.spell_unknown(models[0], speller_of()), models[1]]), "x z ba\n")


@dataclass(frozen=True, eq=False)
class LookingBack:
    """A model that asks for its blocks in order."""

    independent_blocks = False
    model: lmkit.NgramModel

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def scorer(self) -> Scorer:
        """Itself."""
        return self


def test_what_cannot_spell_is_refused_with_what_can() -> None:
    model = model_of("x y\n")
    counts = lmkit.count_ngrams(io.BytesIO(b"a\nab\n"), 2, settings=CHARACTERS)
    unmarked = lmkit.TextSettings(unit="character", sentence_marks=False)
    for speller, message in (
        (model, "spelled by a model of characters or bytes, and this is one of words"),
        (lmkit.stupid_backoff(counts), "its scores are no probabilities, and cannot be used to spell words"),
        (lmkit.maximum_likelihood(counts), "knows nothing after unseen histories, and cannot be used to spell"),
        (lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"a\n"), 1, settings=unmarked)), "does not say where a word ends"),
        (LookingBack(speller_of()), "looks back at other words"),
    ):
        with pytest.raises(DataError, match=message):
            lmkit.spell_unknown(model, speller)
    empty = lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>"])
    with pytest.raises(DataError, match=r"no list of its words.*\nTrain one on words"):
        lmkit.speller_of(empty)


def test_two_spelled_models_of_other_vocabularies_can_be_compared_token_by_token() -> None:
    text = io.BytesIO(b"x ba\ny z\n")
    a, b = model_of("x y\n"), model_of("x y z\n")
    both = lmkit.compare(lmkit.spell_unknown(a, speller_of()), lmkit.spell_unknown(b, speller_of()), text)
    assert (both.comparable, both.over) == (True, "tokens")
    text = io.BytesIO(b"x ba\ny z\n")
    one = lmkit.compare(lmkit.spell_unknown(a, speller_of()), b, text)
    assert one.reasons == (
        "the letters of unknown words are charged in a only",
        "the vocabularies differ (0 words only in a, 1 only in b)",
    )


NOTE = (
    "lmkit: {} p(<unk>), and nothing for {} letters: figures per word, byte or character flatter the model; "
    "--spell-unknown charges these, too.\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of words, a speller and a text in files."""
    lmkit.save(model_of("x y\n"), tmp_path / "words")
    lmkit.save(speller_of(), tmp_path / "letters")
    (tmp_path / "test.txt").write_text("x ba\ny ba\n")
    return tmp_path


def test_the_note_stands_where_bits_a_byte_are_printed_and_the_letters_cost_nothing(
    lmkit_run: Run, folder: Path
) -> None:
    words, text, letters = folder / "words", folder / "test.txt", folder / "letters"
    note = NOTE.format("2 OOV words cost", "their")
    for by in ("corpus", "file", "record"):
        assert lmkit_run("perplexity", words, text, "--by", by).err == note
        assert lmkit_run("perplexity", words, text, "--by", by, "--spell-unknown", letters).err == ""
        assert lmkit_run("perplexity", words, text, "--by", by, "--quiet").err == ""
    for by in ("sentence", "token"):  # without bits a byte
        assert lmkit_run("perplexity", words, text, "--by", by).err == ""
    assert lmkit_run("perplexity", words, text_file(folder, "ba\n", "one")).err == NOTE.format(
        "1 OOV word costs", "its"
    )
    assert lmkit_run("perplexity", words, text_file(folder, "x\n", "none")).err == ""
    found = lmkit_run("filter", words, text, "--append", "-o", folder / "out.txt")
    assert found.err.startswith(note)
    found = lmkit_run("filter", words, text, "--append", "--spell-unknown", letters, "-o", folder / "out.txt")
    assert "OOV" not in found.err


def test_json_has_a_field_in_place_of_the_note(lmkit_run: Run, folder: Path) -> None:
    words, text = folder / "words", folder / "test.txt"
    plain = json.loads(lmkit_run("perplexity", words, text, "--json").out)
    found = json.loads(lmkit_run("perplexity", words, text, "--json", "--spell-unknown", folder / "letters").out)
    assert (plain["oov"], plain["unspelled"], "spelled" in plain) == (2, 2, False)
    assert (found["oov"], found["unspelled"], found["spelled"]) == (2, 0, 2)
    assert found["spelling_bits"] == pytest.approx(-2 * log10(BA) / math.log10(2))
    assert found["signature"] == plain["signature"].replace("|lmkit:", "|spelling:character-laplace-1|lmkit:")
    built_in = json.loads(lmkit_run("perplexity", words, text, "--json", "--spell-unknown", BUILT_IN).out)
    assert "|spelling:built-in|lmkit:" in built_in["signature"]
    summary = json.loads(lmkit_run("filter", words, text, "--json", "-o", folder / "out.txt").out)
    assert summary["unspelled"] == 2


def test_compare_charges_both_models_for_what_they_do_not_know(lmkit_run: Run, folder: Path) -> None:
    """The one of words its unknown words, the one of characters its unknown characters: here x, y and the space between words."""
    arguments = ("compare", folder / "words", folder / "letters", folder / "test.txt", "--json")
    found = json.loads(lmkit_run(*arguments, "--spell-unknown", folder / "letters").out)
    assert (found["a"]["spelled"], found["b"]["spelled"]) == (2, 4)
    assert (found["a"]["unspelled"], found["b"]["unspelled"]) == (0, 0)
    assert found["b"]["spelling_bits"] == pytest.approx(4 * math.log2(CODE_POINTS - 2))


def test_suites_name_a_speller_for_each_model(lmkit_run: Run, folder: Path) -> None:
    suite = folder / "suite.toml"
    suite.write_text(
        '[models]\nplain = "words"\nspelled = { path = "words", spell_unknown = "letters" }\n'
        'own = { path = "words", spell_unknown = "built-in" }\n[texts]\ntest = "test.txt"\n'
    )
    result = lmkit_run("evaluate", suite, "--json")
    figures = {pair["model"]: pair["figures"] for pair in json.loads(result.out)["pairs"]}
    assert [(name, each["unspelled"]) for name, each in figures.items()] == [("plain", 2), ("spelled", 0), ("own", 0)]
    assert result.err.startswith("lmkit: OOV words (plain on test: 2) cost p(<unk>), and nothing for their letters: ")
    suite.write_text('[models]\nspelled = { path = "words", spell_unknown = "none" }\n[texts]\ntest = "test.txt"\n')
    with pytest.raises(DataError, match=r'there is no file .*none \(models\.spelled\); it may also be "built-in"'):
        lmkit.read_suite(suite)


def test_a_wrong_speller_is_named_with_its_option(lmkit_run: Run, folder: Path) -> None:
    words, text = folder / "words", folder / "test.txt"
    result = lmkit_run("perplexity", words, text, "--spell-unknown", words)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(
        f"lmkit: --spell-unknown {words}: unknown words are spelled by a model of characters or bytes, and this is one of words.\n"
        "Train one on words, one a line: lmkit ngram train --unit character"
    )
    for arguments in (
        ("perplexity", words, text, "--spell-unknown", "-"),
        ("perplexity", words, text, "--spell-unknown", BUILT_IN, "--nltk", "MLE"),
        ("filter", words, text, "--spell-unknown", BUILT_IN, "--against", words, "--max-difference", "0"),
    ):
        result = lmkit_run(*arguments)
        assert (result.code, result.out) == (2, "")
        assert "--spell-unknown" in result.err
