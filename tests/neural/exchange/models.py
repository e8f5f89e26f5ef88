"""Models and texts of the tests of folders: small, with parameters drawn and not trained."""

from functools import cache
from typing import cast

import numpy as np

import lmkit
from lmkit.neural.architectures.transformer import TransformerShape
from lmkit.neural.model import NeuralModel
from lmkit.text.settings import TextSettings
from lmkit.text.tokens.subwords.training import Kind
from lmkit.text.vocabulary import Vocabulary
from tests.conftest import CORPORA

TRAIN = CORPORA / "fr.train.txt"
LINES = [
    *TRAIN.read_text(encoding="utf-8").splitlines()[:150],
    "l'ÉTÉ  d'İstanbul : ½ « quoi » 42 zzqqx 😀 ΣΑΣ",
    "e\u0301te\u0301 \u00a0 `x` ‘y’ ٣ हिन्दी",
]
SHAPE = TransformerShape(dimensions=32, layers=2, heads=4, context=96)


def model_of(settings: TextSettings, shape: TransformerShape = SHAPE) -> NeuralModel:
    """A model that knows the words of the French training text; numbers of all parameters are drawn."""
    vocabulary = lmkit.count_ngrams(TRAIN, 1, settings=settings).vocabulary
    parameters = shape.initial(len(vocabulary), 3)
    parameters.vector += np.random.default_rng(0).normal(0, 0.1, len(parameters)).astype(np.float32)
    return NeuralModel(vocabulary, settings, shape, parameters, {"seed": 3})


@cache
def subwords(kind: Kind) -> TextSettings:
    """The settings of a small tokenizer of this kind."""
    return lmkit.train_tokenizer(TRAIN, kind, 700).settings()


def settings_called(name: str) -> TextSettings:
    """The settings of one of `CASES`."""
    return CASES[name] or subwords(cast(Kind, name))


SHAPED = {"lowercase": True, "strip_accents": True, "unify_quotes": True, "fold_numbers": True}
CASES: dict[str, TextSettings | None] = {
    "word": TextSettings(),
    "word, shaped": TextSettings(normalize="nfkc", **SHAPED),  # type: ignore[arg-type]
    "word, as it is": TextSettings(normalize="none", lowercase=True),
    "character": TextSettings(unit="character"),
    "character, lower": TextSettings(unit="character", lowercase=True),
    "byte": TextSettings(unit="byte"),
    "bpe": None,
    "wordpiece": None,
    "unigram": None,
}


def ids_of(model: NeuralModel, line: str) -> list[int]:
    """The ids of a line as lmkit has them, after <s>."""
    (tokens,) = lmkit.tokenize(line, model.settings)
    return [1, *map(model.vocabulary.id_of, tokens)]


def tiny(words: str = "a b c", settings: TextSettings | None = None) -> NeuralModel:
    """A model of a few words."""
    vocabulary = Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", *words.encode().split()])
    shape = TransformerShape(dimensions=8, layers=1, heads=2, context=4)
    return NeuralModel(vocabulary, settings or TextSettings(), shape, shape.initial(len(vocabulary), 1), {})
