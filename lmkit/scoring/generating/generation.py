"""Generating text: sentences sampled word by word from the smoothed distribution, many at once.

A sentence depends on the model, the options, the seed and its own number alone; under neural models also on rounding, which is another one
where another number of sentences goes side by side.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage, tokens
from lmkit.errors import DataError, UsageError
from lmkit.scoring.generating.choosing import NO_WORD, Choice, prepared
from lmkit.scoring.generating.draws import Draws, WordDraws, new_seed
from lmkit.scoring.generating.generated import GeneratedSentence, GeneratedText
from lmkit.scoring.generating.prediction import History, read_history
from lmkit.scoring.perplexity import effective_settings
from lmkit.scoring.protocol import Model
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import EOS

BATCH_WORDS = 1 << 26  # of sentences generated side by side, at most


def generate(model: Model, count: int = 10, **options: Any) -> list[GeneratedSentence]:
    """Sentences drawn from the model (options: see `generate_text`)."""
    return [
        GeneratedSentence(*row)
        for block in generate_text(model, count, **options)
        for row in zip(
            block.texts().to_pylist(),
            block.tokens.tolist(),
            block.log10_probs(model).tolist(),
            block.finished.tolist(),
            strict=True,
        )
    ]


def generate_text(
    model: Model,
    count: int = 10,
    *,
    seed: int | None = None,
    temperature: float = 1.0,
    top: int | None = None,
    prompt: str = "",
    max_length: int | None = None,
    unknown: bool = False,
    batch: int | None = None,
) -> Iterator[GeneratedText]:
    """Sentences sampled from the smoothed distribution, in batches.

    seed: the same one gives the same sentences, for any batch, but for rounding (default: one that nobody can foresee).
    temperature T: from p^(1/T), renormalised; 0: always the most probable word. top: from that many most probable words
    only. prompt: text that all sentences begin with. max_length: words, those of the prompt included, after which a sentence is cut
    (default: 100; of characters, bytes and subwords, 1000; without sentence marks it has to be told, and each sentence has that length).
    unknown: whether <unk> may be drawn; without it, the other words share its probability.
    UsageError for values that make no sense; DataError if nothing can follow the prompt.
    """
    if not model.traits.is_distribution:
        raise DataError(
            f"{model.method.replace('-', ' ')} gives scores, and no distribution to draw words from.",
            "Smooth the counts in another way.",
        )
    if max_length is None:
        settings = effective_settings(model, None)
        if not settings.sentence_marks:
            raise UsageError(
                "without sentence marks, lines have no end of their own.",
                "The model was trained with --no-sentence-marks: say how many words to generate with --max-length.",
            )
        max_length = 100 if settings.unit == "word" and not settings.tokenizer_json else 1000
    check_options(count, temperature, top, max_length, batch)
    history = read_history(model, prompt)
    if len(history.words) > max_length:
        raise UsageError(
            f"the prompt has {len(history.words)} words, and sentences are cut after {max_length}.",
            "Allow longer sentences with --max-length, or shorten the prompt.",
        )
    generator = Generator(model, history, max_length, Choice(temperature, top, unknown))
    return generator.generate(count, Draws(new_seed() if seed is None else seed), batch)


def check_options(count: int, temperature: float, top: int | None, max_length: int, batch: int | None) -> None:
    """UsageError for numbers that make no sense."""
    for name, value in (("number of sentences", count), ("maximum length", max_length), ("batch", batch)):
        if value is not None and value < 1:
            raise UsageError(f"the {name} is {value}; it must be 1 or more.")
    if not 0 <= temperature < math.inf:
        raise UsageError(
            f"the temperature is {temperature:g}; it must be 0 or more.",
            "1 samples from the model as it is, 0 takes the most probable word each time.",
        )
    if top is not None and top < 1:
        raise UsageError(f"the number of most probable words is {top}; it must be 1 or more.")


class Generator:
    """A model prepared for generating sentences that begin with the same prompt."""

    def __init__(self, model: Model, prompt: History, max_length: int, choice: Choice) -> None:
        self._model, self._prompt, self._max_length = model, prompt, max_length
        self._predictor, self._chooser = prepared(model, choice)

    def generate(self, count: int, draws: Draws, batch: int | None) -> Iterator[GeneratedText]:
        """So many sentences, in batches. DataError if nothing can follow the prompt."""
        batch = batch or min(self._chooser.batch, max(BATCH_WORDS // self._max_length, 1))
        advance = stage("generating", count)
        for first in range(0, count, batch):
            block = self._generate(np.arange(first, min(first + batch, count)), draws)
            tokens(int(block.lengths.sum()))
            advance(len(block))
            yield block

    def _generate(self, numbers: NDArray[np.int64], draws: Draws) -> GeneratedText:
        """The sentences of these numbers."""
        longest = self._max_length - len(self._prompt.words)
        lengths, dead_ends = np.full(len(numbers), longest, np.int64), np.zeros(len(numbers), bool)
        is_cut = np.zeros(len(numbers), bool)
        drawn: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []  # which sentences go on, and with which words
        active = np.arange(len(numbers))
        state = self._predictor.start(self._prompt.ids, len(numbers))
        for step in range(longest + has_marks(self._model.settings)):
            words = self._chooser.draw(state, WordDraws(draws, step * self._chooser.rows, numbers[active]))
            ends = words == EOS
            dead = words == NO_WORD
            if dead.all() and not step:
                raise self._no_continuation()
            dead_ends[active[dead]] = True
            lengths[active[ends | dead]] = step
            goes_on = np.flatnonzero(~(ends | dead))
            active, words = active[goes_on], words[goes_on]
            if not len(active):
                break
            if step == longest:
                is_cut[active] = True
                break
            drawn.append((active, words))
            state = self._predictor.extend(state, goes_on, words)
        settings = effective_settings(self._model, None)
        return GeneratedText(
            self._prompt, settings, self._model.vocabulary, end_to_end(drawn, lengths), lengths, is_cut, dead_ends
        )

    def _no_continuation(self) -> DataError:
        """The error for a prompt that nothing follows."""
        after = " ".join(self._prompt.shown(self._model))
        return DataError(
            f"the model gives no word any probability after {after!r}.",
            "Maximum likelihood knows only what follows in its text: shorten the prompt, smooth the model, or allow --unknown.",
        )


def end_to_end(
    drawn: list[tuple[NDArray[np.int64], NDArray[np.int64]]], lengths: NDArray[np.int64]
) -> NDArray[np.int32]:
    """(words,) the words of all sentences, one sentence after the other. drawn: at each step, for which and which words."""
    starts = np.cumsum(lengths) - lengths
    words = np.empty(int(lengths.sum()), np.int32)
    for step, (sentences, here) in enumerate(drawn):
        words[starts[sentences] + step] = here
    return words
