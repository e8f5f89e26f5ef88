"""Sentences that were drawn from a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, texts_to_arrow, to_arrow
from lmkit.engine.columns import as_texts, join_columns, texts_at
from lmkit.engine.frames.tabular import Columns, Tabular
from lmkit.engine.kernels import call_arrow
from lmkit.engine.sparse import row_sums
from lmkit.one_line import one_line
from lmkit.scoring.generating.prediction import History
from lmkit.scoring.protocol import Model
from lmkit.text.ids.encoding import pad_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.tokens.joining import join_tokens
from lmkit.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa


@one_line
@dataclass(frozen=True)
class GeneratedSentence:
    """A sentence that was drawn from a model."""

    text: str
    tokens: int  # words, and </s> if the sentence is finished and has one
    log10_prob: float  # of these, under the model itself
    finished: bool  # whether it came to </s>, or without marks to the length that was asked for, and was neither cut nor led to a history without any continuation


@one_line
@dataclass(frozen=True, eq=False)
class GeneratedText(Tabular):
    """Sentences that were drawn from a model."""

    prompt: History  # what each begins with
    settings: TextSettings  # what tokens are
    vocabulary: Vocabulary
    words: NDArray[np.int32]  # (words,) ids of what follows the prompt, without </s>
    lengths: NDArray[np.int64]  # (sentences,) how many of these belong to each
    cut: NDArray[np.bool_]  # (sentences,) because they would have become too long
    dead_ends: NDArray[np.bool_]  # (sentences,) because the model gives no word any probability after their last ones

    def columns(self, first: int | None = None) -> Columns:
        """The sentences, with how many tokens each has, and whether it came to its end."""
        return {"text": self.texts()[:first], "tokens": self.tokens[:first], "finished": self.finished[:first]}

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{len(self):,} sentences, {int(self.tokens.sum()):,} tokens"

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def finished(self) -> NDArray[np.bool_]:
        """(sentences,) which came to their end."""
        return ~(self.cut | self.dead_ends)

    @property
    def tokens(self) -> NDArray[np.int64]:
        """(sentences,) words, those of the prompt included, and </s>, if there is one."""
        found = self.lengths + len(self.prompt.words)
        return found + self.finished if self.settings.sentence_marks else found

    def texts(self) -> "pa.Array[Any]":
        """(sentences,) the sentences as text."""
        joined = join_words(self.vocabulary, self.prompt.words, self.words, self.lengths)
        if self.settings.unit == "word" and not self.settings.tokenizer_json:
            return joined
        names_of = (names.split(" ") if names else [] for names in joined.to_pylist())
        return texts_to_arrow([join_tokens(names, self.settings) for names in names_of])

    def log10_probs(self, model: Model) -> NDArray[np.float64]:
        """(sentences,) log10 probability of the tokens of each, as sentences of their own."""
        marks = self.settings.sentence_marks
        prompts = np.tile(np.array(self.prompt.ids[int(marks) :], np.int32), (len(self), 1))
        lengths = self.lengths + prompts.shape[1]
        is_prompt = np.zeros(int(lengths.sum()), bool)
        is_prompt[((np.cumsum(lengths) - lengths)[:, None] + np.arange(prompts.shape[1])).ravel()] = True
        words = np.empty(len(is_prompt), np.int32)
        words[is_prompt], words[~is_prompt] = prompts.ravel(), self.words
        log10_probs = scores_of_sentences(model, words, lengths, marks=marks)
        if not marks:
            return row_sums(np.append(0, np.cumsum(lengths)), log10_probs)
        ends = np.cumsum(lengths + 1)
        log10_probs[ends[~self.finished] - 1] = 0.0  # no </s> was drawn
        return np.add.reduceat(log10_probs, ends - lengths - 1)


def scores_of_sentences(
    model: Model, words: NDArray[np.int32], lengths: NDArray[np.int64], *, marks: bool
) -> NDArray[np.float64]:
    """(tokens,) the log10 probabilities of the words of sentences of these lengths, and of their </s> if they have marks, each alone."""
    scorer = model.scorer()
    if scorer.independent_blocks:
        return scorer.score(pad_sentences(words, lengths, marks=marks)).log10_probs.copy()
    sentences = np.split(words, np.cumsum(lengths)[:-1])
    padded = (pad_sentences(sentence, np.array([len(sentence)]), marks=marks) for sentence in sentences)
    return np.concatenate([model.scorer().score(tokens).log10_probs for tokens in padded])


def join_words(
    vocabulary: Vocabulary, prompt: list[str], words: NDArray[np.int32], lengths: NDArray[np.int64]
) -> "pa.Array[Any]":
    """(sentences,) texts: the words of the prompt, and so many words (words,) of the vocabulary, a space between two."""
    import pyarrow as pa

    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    known = as_texts(vocabulary.arrow_words())
    sentences = pa.LargeListArray.from_arrays(to_arrow(bounds), texts_at(known, words))
    joined: pa.Array[Any] = call_arrow("binary_join", sentences, text_to_arrow(" "))
    if not prompt:
        return joined
    spaces = texts_at(texts_to_arrow(["", " "]), (lengths > 0).astype(np.int8))
    return join_columns([text_to_arrow(" ".join(prompt)), spaces, joined], "")
