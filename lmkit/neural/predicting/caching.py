"""The next token of transformers: the keys and values of all places so far are kept, so that a token costs one place and not its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray
from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.errors import UsageError
from lmkit.neural.architectures.transformer import Transformer
from lmkit.neural.layers.attention import causal_mask, in_heads
from lmkit.neural.sentence_windows import last_window
from lmkit.scoring.protocol import LN_10
from lmkit.text.vocabulary import BOS

MEMORY = 1 << 28  # bytes of the keys and values of sentences side by side, about


@dataclass(eq=False)
class Cache:
    """What is kept of sentences side by side. Later states write on where earlier ones end."""

    tokens: NDArray[np.int64]  # (sentences, context)
    keys: FloatArray  # (layers, sentences, heads, context, d / heads)
    values: FloatArray  # the same
    filled: int  # places that are written to

    @classmethod
    def empty(cls, network: Transformer, sentences: int) -> "Cache":
        """One of so many sentences without any token."""
        shape = network.shape
        places = (shape.layers, sentences, shape.heads, shape.context, shape.dimensions // shape.heads)
        keys, values = (np.empty(places, network.parameters.dtype) for _ in range(2))
        return cls(np.empty((sentences, shape.context), np.int64), keys, values, 0)

    def after(self, length: int, kept: NDArray[np.int64]) -> "Cache":
        """One that can be written to from this length on: this one, if all sentences are kept and nothing is written there yet."""
        sentences = len(self.tokens)
        if self.filled == length and np.array_equal(kept, np.arange(sentences)):
            return self
        places = (len(self.keys), len(kept), *self.keys.shape[2:])
        found = Cache(self.tokens[kept], np.empty(places, self.keys.dtype), np.empty(places, self.keys.dtype), length)
        for new, old in ((found.keys, self.keys), (found.values, self.values)):
            new[..., :length, :] = old[:, kept, :, :length]
        return found


@dataclass(frozen=True, eq=False)
class CachedState:
    """Where sentences of the same length are."""

    cache: Cache
    length: int  # places of the window
    hidden: FloatArray  # (sentences, d) what the output makes the next token of


class CachedPredictor:
    """A transformer prepared for predicting the next tokens of many sentences at once.

    Past the context, the older half of the window is dropped, and the rest read anew: the windows are those of scoring, and so are the
    probabilities, but for rounding.
    """

    def __init__(self, network: Transformer) -> None:
        self._network = network
        shape = network.shape
        bytes_each = 2 * shape.layers * shape.context * shape.dimensions * network.parameters.dtype.itemsize
        self.batch = max(MEMORY // bytes_each, 1)

    def start(self, ids: Sequence[int], sentences: int) -> CachedState:
        """The state of so many sentences that begin with these ids. UsageError if there are none."""
        if not ids:
            raise UsageError(
                "a transformer predicts from the tokens before, and there are none.",
                "Let the history begin the sentence, or take an n-gram model.",
            )
        window = np.array(ids[last_window(len(ids), self._network.shape.context) :], np.int64)
        state = self._read(window[None])
        every = np.zeros(sentences, np.int64)
        return CachedState(state.cache.after(state.length, every), state.length, state.hidden[every])

    def logits(self, state: CachedState) -> FloatArray:
        """(sentences, types) z of the next word; -inf of <s> (see `LogitPredictor`)."""
        with one_blas_thread():
            found = self._network.output.logits(state.hidden)
        found[:, BOS] = -np.inf
        return found

    def seen(self, state: CachedState) -> NDArray[np.int64]:
        """(sentences, tokens) the window."""
        return state.cache.tokens[:, : state.length]

    def log10_probs(self, state: CachedState) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        with one_blas_thread():
            found = self._network.output.log_distribution(state.hidden)
        found /= LN_10
        return found

    def extend(self, state: CachedState, kept: NDArray[np.int64], words: NDArray[np.int64]) -> CachedState:
        """The state of the kept sentences after one more word each."""
        context, length = self._network.shape.context, state.length
        if length == context:
            tokens = np.column_stack((state.cache.tokens[kept], words))
            return self._read(tokens[:, last_window(context + 1, context) :])
        cache = state.cache.after(length, kept)
        cache.tokens[:, length], cache.filled = words, length + 1

        def attend(layer: int, qkv: FloatArray) -> FloatArray:
            return attended(cache.keys[layer], cache.values[layer], qkv, length)

        with one_blas_thread():
            hidden = self._network.read(words[:, None], attend, length).copy()
        return CachedState(cache, length + 1, hidden)

    def _read(self, tokens: NDArray[np.int64]) -> CachedState:
        """The state of sentences of these tokens (sentences, time), read at once."""
        network, (sentences, time) = self._network, tokens.shape
        cache, mask = Cache.empty(network, sentences), causal_mask(time, network.parameters.dtype)
        cache.tokens[:, :time], cache.filled = tokens, time

        def attend(layer: int, qkv: FloatArray) -> FloatArray:
            _, k, v = in_heads(qkv, network.shape.heads, time)
            cache.keys[layer, :, :, :time], cache.values[layer, :, :, :time] = k, v
            return network.blocks[layer].attention.forward(qkv, mask, time)

        with one_blas_thread():
            hidden = network.read(tokens, attend)[time - 1 :: time].copy()
        return CachedState(cache, time, hidden)


def attended(keys: FloatArray, values: FloatArray, qkv: FloatArray, place: int) -> FloatArray:
    """(sentences, d) softmax(q kᵀ / √d) v of one place, whose keys and values are written to those of the places before it.

    keys, values: (sentences, heads, context, d / heads). qkv: (sentences, 3 d).
    """
    q, k, v = in_heads(qkv, keys.shape[1], 1)
    keys[:, :, place : place + 1], values[:, :, place : place + 1] = k, v
    q *= qkv.dtype.type(q.shape[-1] ** -0.5)
    alpha = np.matmul(q, keys[:, :, : place + 1].swapaxes(-1, -2))
    alpha -= alpha.max(axis=-1, keepdims=True)
    np.exp(alpha, out=alpha)
    alpha /= alpha.sum(axis=-1, keepdims=True)
    found: FloatArray = np.matmul(alpha, values[:, :, : place + 1]).reshape(len(qkv), -1)
    return found
