"""Unknown words, letter by letter: what they cost besides p(<unk>), so that models with other vocabularies can be compared.

A model of words gives all words that it does not know one probability together. That of the word itself is

    log p(w | h) = log p(<unk> | h) + Σ log p(letter | letters of w before it) + log p(end of w | its letters)

under a model of characters (or bytes), the speller, to which each word is a sentence of its own. A letter that the speller does not
know has its p(<unk>), shared equally among all code points that it does not know. So has an unknown character where the scored model
itself is one of characters. The sum over all words is at most 1: p(<unk>) is spent on spellings of known words, too.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.one_line import one_line
from lmkit.scoring.mixture import check_distribution
from lmkit.scoring.protocol import Model, Scorer, Spelling, TokenScores, block_scores
from lmkit.scoring.sentences import sum_by_sentence
from lmkit.scoring.traits import Traits
from lmkit.signature import with_parts
from lmkit.text.ids.encoding import EncodedBlock, encode_blocks
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings, Unit
from lmkit.text.sources.blocks import Block
from lmkit.text.vocabulary import FIRST_WORD, UNK, Vocabulary, WordNumbering

ALPHABETS = {"character": 0x110000 - 0x800, "byte": 256}  # how many units there are; surrogates are no characters
REMEDY = (
    "Train one on words, one a line: lmkit ngram train --unit character -n 6 --kneser-ney WORDS -o letters.safetensors."
)


@one_line
@dataclass(frozen=True, eq=False)
class SpelledModel:
    """A model that is charged the letters of unknown words, too."""

    model: Model
    speller: Model | None  # of characters or bytes; None where the tokens of the model are no words
    name: str  # of the speller, in the signature

    @classmethod
    def of(cls, model: Model, speller: Model | None, name: str = "") -> "SpelledModel":
        """The model with what spells its unknown words; only a model of words needs that. name: of the speller (default: its unit, method and order).

        DataError for what is no model of characters or bytes, has no distribution, or changes letters that the model leaves as they are.
        """
        if not is_of_words(model):
            return cls(model, None, "unicode")
        assert speller is not None, "words have letters"  # noqa: S101
        check_speller(speller)
        check_letters(model.settings or TextSettings(), speller)
        order = "" if speller.order is None else f"-{speller.order}"
        return cls(model, speller, name or f"{unit_of(speller)}-{speller.method}{order}")

    @property
    def vocabulary(self) -> Vocabulary:
        """See `Model`, as for the other names."""
        return self.model.vocabulary

    @property
    def settings(self) -> TextSettings | None:
        """How text is read."""
        return self.model.settings

    @property
    def order(self) -> int | None:
        """The length of the longest n-grams of the model itself."""
        return self.model.order

    @property
    def closed(self) -> bool:
        """Whether <unk> is no event: then letters change nothing."""
        return self.model.closed

    @property
    def method(self) -> str:
        """What made the model itself."""
        return self.model.method

    @property
    def traits(self) -> Traits:
        """Those of the model itself."""
        return self.model.traits

    def signature(self, settings: TextSettings | None = None) -> str:
        """That of the model, and what spells."""
        return with_parts(self.model.signature(settings), {"spelling": self.name})

    def scorer(self) -> "SpelledScorer":
        """One for a text."""
        return SpelledScorer(self)

    @cached_property
    def letters(self) -> "Letters | None":
        """What scores the letters of words."""
        return None if self.speller is None else Letters(self.speller)


def is_of_words(model: Model) -> bool:
    """Whether the tokens of a model are words, and neither characters, bytes nor subwords."""
    return unit_of(model) == "word" and not (model.settings and model.settings.tokenizer_json)


def unit_of(model: Model) -> Unit:
    """What the tokens of a model are; words, if it does not say."""
    return "word" if model.settings is None else model.settings.unit


def check_speller(speller: Model) -> None:
    """DataError for a model that cannot spell words."""
    if unit_of(speller) not in ALPHABETS:
        found = "is one of words" if speller.settings else "does not say what its tokens are"
        raise DataError(f"unknown words are spelled by a model of characters or bytes, and this {found}.", REMEDY)
    check_distribution(speller, "used to spell words", "the model of characters")
    if speller.settings is not None and not speller.settings.sentence_marks:
        raise DataError(
            "the model of characters was made with --no-sentence-marks: it does not say where a word ends.", REMEDY
        )
    if not speller.scorer().independent_blocks:
        raise DataError(
            f"the model of characters ({speller.method}) looks back at other words: what a word costs would depend on them.",
            REMEDY,
        )


def check_letters(settings: TextSettings, speller: Model) -> None:
    """DataError where the speller has letters changed (lower case, ...) that text of these settings keeps: it would spell other words."""
    own = speller.settings or TextSettings()
    as_it_is = TextSettings(normalize="none")
    for each, here, there in settings.differences(own, Role.WORDS):
        changed = getattr(own, each.name) != getattr(as_it_is, each.name)
        if each.name not in ("unit", "tokenizer", "sentence_marks") and changed:
            raise DataError(
                f"--{each.option} is {there} in the model of characters, and {here} in the model of words: other letters would be spelled than those of the text.",
                "Train the model of characters with the same options as that of words, or on its words with --normalize none and no others.",
            )


def unknown_log10_share(vocabulary: Vocabulary, unit: Unit) -> float:
    """log10 of the share in p(<unk>) of each character, or byte, that is not in a vocabulary of such."""
    others = ALPHABETS[unit] - (len(vocabulary) - FIRST_WORD)
    return -math.log10(max(others, 1))


class SpelledScorer:
    """A model, and what spells unknown words, prepared for a text."""

    def __init__(self, spelled: SpelledModel) -> None:
        self._spelled = spelled
        self._scorer = spelled.model.scorer()

    @property
    def independent_blocks(self) -> bool:
        """Whether a block is scored the same whatever came before: words are."""
        return self._scorer.independent_blocks

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of ids, if none is <unk>: that has lost its letters. DataError if one is."""
        refuse_unknown(tokens)
        return self._scorer.score(tokens)

    def score_text(self, block: EncodedBlock) -> TokenScores:
        """The scores of a block, the letters of unknown words among them; all stays as it is where words stand for <unk> themselves."""
        if not block.has_letters:
            refuse_unknown(block.tokens)
        scores = block_scores(self._scorer, block)
        unknown = np.flatnonzero(scores.oov)
        ends_before = np.searchsorted(scores.ends, unknown, side="right") if scores.marks else 0
        distinct, which = np.unique(block.surface[unknown - ends_before], return_inverse=True)
        spelled = self._log10_probs(block, distinct).take(which)
        there = ~np.isnan(spelled)
        spelling = Spelling(unknown[there], spelled[there])
        if not len(spelling.places):
            return replace(scores, spelling=spelling)
        log10_probs = scores.log10_probs.copy()
        log10_probs[spelling.places] += spelling.log10_probs
        return replace(scores, log10_probs=log10_probs, spelling=spelling)

    def _log10_probs(self, block: EncodedBlock, places: NDArray[np.int32]) -> NDArray[np.float64]:
        """(places,) what the letters of distinct unknown words of a block cost; NaN where these are not known."""
        spelled, settings = self._spelled, block.settings
        if settings.unit in ALPHABETS:
            return np.full(len(places), unknown_log10_share(spelled.vocabulary, settings.unit))
        if settings.tokenizer_json or spelled.letters is None or spelled.speller is None:  # subwords have lost theirs
            return np.full(len(places), np.nan)
        check_letters(settings, spelled.speller)
        words = block.shaped_words(places)
        has_letters = np.array([not block.stands_for_unknown(word) for word in words], bool)
        found = np.full(len(words), np.nan)
        found[has_letters] = spelled.letters.log10_probs(
            [word for word, has in zip(words, has_letters, strict=True) if has]
        )
        return found


def refuse_unknown(tokens: NDArray[np.int32]) -> None:
    """DataError for ids with <unk> among them, which has lost its letters."""
    if (tokens == UNK).any():
        raise DataError(
            "the letters of unknown words are not to be found in ids.",
            "Score text; of a mixture, spell the unknown words of the whole, and not those of one model in it.",
        )


class Letters:
    """A model of characters or bytes prepared for words."""

    def __init__(self, model: Model) -> None:
        settings = model.settings or TextSettings()
        self._settings = replace(settings, sentences="line", blank_lines="sentence", unknown_word="")
        self._scorer: Scorer = model.scorer()
        self._vocabulary = model.vocabulary
        self._unknown_log10_share = unknown_log10_share(model.vocabulary, settings.unit)

    def log10_probs(self, words: list[bytes]) -> NDArray[np.float64]:
        """(words,) of all letters of each word and of its end; -inf where a letter has probability 0."""
        block = Block(b"".join(word + b"\n" for word in words), "<unknown words>", 1, 0)
        (encoded,) = encode_blocks([block], self._settings, WordNumbering(self._vocabulary))
        scores = self._scorer.score(encoded.tokens)
        shares = np.where(scores.oov, self._unknown_log10_share, 0.0)
        starts = scores.ends - np.diff(scores.ends, prepend=0)
        return sum_by_sentence(scores.log10_probs + shares, starts)
