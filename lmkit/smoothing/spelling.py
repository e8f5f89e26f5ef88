"""A speller of unknown words that needs no text: a model of characters of the words that a model knows."""

import io
from typing import Literal

from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.count import count_ngrams
from lmkit.scoring.protocol import Model
from lmkit.scoring.spelling import REMEDY, SpelledModel, is_of_words
from lmkit.smoothing.methods.kneser_ney import kneser_ney
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.vocabulary import FIRST_WORD, Vocabulary

BUILT_IN = "built-in"
ORDER = 6  # of the built-in speller
FALLBACK: Literal["generalised"] = "generalised"


def spell_unknown(model: Model, speller: Model | None = None) -> SpelledModel:
    """The model, which is charged the letters of unknown words besides p(<unk>) from now on (see `lmkit.scoring.spelling`).

    speller: a model of characters or bytes (default: one of the model's own words, see `speller_of`). DataError for one that cannot spell.
    """
    if speller is not None or not is_of_words(model):
        return SpelledModel.of(model, speller)
    return SpelledModel.of(model, speller_of(model.vocabulary), BUILT_IN)


def speller_of(vocabulary: Vocabulary) -> NgramModel:
    """A model of the letters of the words of a vocabulary, each of which counts once, as unknown words are most like rare ones.

    Kneser–Ney smoothing; with one discount an order where so few words are known that one of several is 0, lest some letters have
    probability 0. DataError for a vocabulary without words.
    """
    if not vocabulary.is_listed or len(vocabulary) == FIRST_WORD:
        raise DataError("the model has no list of its words, from which spelling could be learned.", REMEDY)
    lines = io.BytesIO(b"".join(word + b"\n" for word in vocabulary.words[FIRST_WORD:]))
    settings = TextSettings(unit="character", normalize="none")  # the words are as they are looked up
    counts = count_ngrams(lines, ORDER, settings=settings, reading=Reading("replace"))
    model = kneser_ney(counts, discount_fallback=FALLBACK)
    discounts = [discount for order in model.parameters["discounts"] for discount in order["d"]]
    return model if min(discounts) > 0 else kneser_ney(counts, discount_fallback=FALLBACK, one_discount=True)
