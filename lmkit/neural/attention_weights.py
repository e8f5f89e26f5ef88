"""Where the tokens of a sentence look: the weights α of each layer and head of a transformer."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.errors import DataError, UsageError
from lmkit.neural.architectures.network import Attending
from lmkit.neural.model import NeuralModel
from lmkit.neural.windows import inputs_of
from lmkit.one_line import one_line
from lmkit.scoring.perplexity import words_to_explain
from lmkit.text.vocabulary import MARKS, UNK


@one_line
@dataclass(frozen=True, eq=False)
class AttentionWeights:
    """How much each token of a sentence looks at itself and at each before it."""

    tokens: tuple[str, ...]  # as they stand in the text, after <s>
    oov: tuple[str, ...]  # those of them that the model reads as <unk>
    alpha: NDArray[np.float64]  # (layers, heads, tokens, tokens) a row sums to 1; 0 for what comes later
    layers: tuple[int, ...]  # their numbers, from 1
    heads: tuple[int, ...]
    signature: str

    def of(self, layer: int | None = None, head: int | None = None) -> "AttentionWeights":
        """Those of one layer, one head, or one head of one layer, by number. UsageError for what the model has not."""
        layers, heads = (
            numbers if wanted is None else (wanted,) for wanted, numbers in ((layer, self.layers), (head, self.heads))
        )
        for name, wanted, numbers in (("layer", layer, self.layers), ("head", head, self.heads)):
            if wanted is not None and wanted not in numbers:
                first, last = numbers[0], numbers[-1]
                raise UsageError(
                    f"layer {wanted} was asked for, and the model has layers {first} to {last}."
                    if name == "layer"
                    else f"head {wanted} was asked for, and the model has heads {first} to {last}."
                )
        places = np.ix_([self.layers.index(each) for each in layers], [self.heads.index(each) for each in heads])
        return replace(self, alpha=self.alpha[places], layers=layers, heads=heads)

    def rows(self) -> list[list[Any]]:
        """Layer, head, place and token that looks, place and token looked at, and the weight: a row for each that is not later."""
        return [
            [layer, head, query + 1, self.tokens[query], key + 1, self.tokens[key], float(weights[query, key])]
            for layer, of_layer in zip(self.layers, self.alpha, strict=True)
            for head, weights in zip(self.heads, of_layer, strict=True)
            for query in range(len(self.tokens))
            for key in range(query + 1)
        ]


COLUMNS = ("layer", "head", "query_place", "query", "key_place", "key", "weight")  # of `AttentionWeights.rows`


def attention_weights(model: NeuralModel, sentence: str) -> AttentionWeights:
    """The weights of a sentence, which begins with <s>.

    DataError for a model without attention, and for text that cannot be read; UsageError for a sentence longer than the context.
    """
    network = model.network()
    if not isinstance(network, Attending):
        raise DataError(
            f"this model ({model.method}) has no attention.",
            "Transformers have: lmkit neural train --architecture transformer.",
        )
    ids, surface = words_to_explain(model, sentence)
    inputs = inputs_of(ids)
    if len(inputs) > network.context:
        raise UsageError(
            f"the sentence has {len(inputs)} tokens with <s>, and the model looks at {network.context} at a time, its context.",
            "Give a shorter one.",
        )
    with one_blas_thread():
        alpha = network.attention(inputs).astype(np.float64)
    words = surface[: len(inputs) - 1]
    return AttentionWeights(
        tokens=(MARKS[int(inputs[0])].decode(), *words),
        oov=tuple(word for word, number in zip(words, inputs[1:].tolist(), strict=True) if number == UNK),
        alpha=alpha,
        layers=tuple(range(1, alpha.shape[0] + 1)),
        heads=tuple(range(1, alpha.shape[1] + 1)),
        signature=model.signature(),
    )
