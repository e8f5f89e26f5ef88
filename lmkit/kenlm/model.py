"""The model that decoders hold."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.binary.hashed import HashedModel
from lmkit.engine.remote.names import is_remote
from lmkit.errors import UsageError
from lmkit.kenlm.arithmetic import walk_of
from lmkit.kenlm.config import Config
from lmkit.kenlm.hash_walk import HashWalk
from lmkit.kenlm.history import LENGTH
from lmkit.kenlm.many import scores_of
from lmkit.kenlm.state import FullScoreReturn, State
from lmkit.kenlm.words import Text, WordIds, sentence_settings, words_of
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.storage import load_scoring
from lmkit.text.settings import refuse_without_marks
from lmkit.text.vocabulary import EOS, UNK

Source = Text | os.PathLike[str] | NgramModel | NgramCounts | HashedModel
Scored = tuple[float, int, bool]  # log10 probability, length of the n-gram that gave it, whether the word is unknown


class Model:
    """An n-gram model with the methods of `kenlm.Model`: any that lmkit reads, and any that it made.

    Sentences are split as the training text of the model was, and words are shaped as the model's words were (letter case,
    normalization, …), so that scores are those of `lmkit perplexity`. For a model of another tool, they are split at white space, and nothing is done to
    words (`lmkit perplexity --normalize none`). Marks in a sentence are looked up like words. Scores are log10 probabilities; that of an
    unknown word is -inf where the vocabulary is closed.
    """

    path: bytes  # absolute; of a model in memory, empty
    ngram_model: NgramModel | HashedModel  # the model as the rest of lmkit knows it

    def __init__(self, path: Source, config: Config | None = None) -> None:  # noqa: ARG002 (kenlm takes one)
        """path: the file of a model or of counts, KenLM's binary files among them, or what they hold. DataError for what is none."""
        self.path = b""
        if isinstance(path, str | bytes | os.PathLike):
            name = os.fsdecode(path)
            self.path = os.fsencode(name if is_remote(name) else Path(name).absolute())
            value = load_scoring(name)
        else:
            value = path
        model = value if isinstance(value, HashedModel) else ngram_model(value, "walked word by word")
        refuse_without_marks(model.settings, "the methods of the `kenlm` module are those of models with")
        content = model.content if isinstance(model, HashedModel) else model
        self.ngram_model, self._settings, self._ids = model, sentence_settings(model), WordIds(model)
        self._walk: Any = walk_of(content) if isinstance(content, NgramModel) else HashWalk(content)
        # Of stupid backoff, each word of a history that is not stored costs something.
        self._unseen, self._longest = model.traits.unseen_log10_backoff, model.order - 1

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return self.ngram_model.order

    def __contains__(self, word: Text) -> bool:
        return self._ids[word] != UNK

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from {Path(os.fsdecode(self.path)).name or self.ngram_model.signature()}>"

    def __reduce__(self) -> Any:
        if not self.path:
            raise TypeError("a model in memory cannot be pickled; save it, and open the file")
        return type(self), (self.path,)

    def score(self, sentence: Text, bos: bool = True, eos: bool = True) -> float:
        """log10 p of a sentence and its </s>. bos: after <s>; else after nothing. eos: with </s>."""
        return sum((log10_prob for log10_prob, _, _ in self.full_scores(sentence, bos, eos)), start=0.0)

    def full_scores(self, sentence: Text, bos: bool = True, eos: bool = True) -> Iterator[Scored]:
        """log10 p, the length of the n-gram that gave it, and whether it is unknown, of each word of a sentence, and of its </s>."""
        state = State()
        if bos:
            self.BeginSentenceWrite(state)
        ids = [self._ids[word] for word in words_of(sentence, self._settings)]
        for word in [*ids, EOS] if eos else ids:
            log10_prob, matched = self._advance(state, word, state)
            yield log10_prob, matched, word == UNK

    def perplexity(self, sentence: Text) -> float:
        """The perplexity of a sentence, its </s> included."""
        scores = [log10_prob for log10_prob, _, _ in self.full_scores(sentence)]
        exponent = -sum(scores) / len(scores)
        return 10.0**exponent if exponent < 308 else float("inf")

    def scores(self, sentences: Sequence[Text]) -> NDArray[np.float64]:
        """(sentences,) the scores of many sentences, each as `score` gives it, worked out together: from some dozens on, much faster.

        DataError for what is no text, and for the marks of sentences.
        """
        return scores_of(self.ngram_model, sentences)

    def BeginSentenceWrite(self, state: State) -> None:  # noqa: N802 (kenlm's name)
        """Make it the state after <s>."""
        state.history, state.walk = self._walk.sentence_start, self._walk
        state.words = min(1, self._longest) if self._unseen else 0

    def NullContextWrite(self, state: State) -> None:  # noqa: N802 (kenlm's name)
        """Make it the state of no words."""
        state.history, state.walk, state.words = self._walk.empty, self._walk, 0

    def BaseScore(self, in_state: State, word: Text, out_state: State) -> float:  # noqa: N802 (kenlm's name)
        """log10 p of a word after a state; out_state, which may be the same, becomes the one that follows."""
        return self._advance(in_state, self._ids[word], out_state)[0]

    def BaseFullScore(self, in_state: State, word: Text, out_state: State) -> FullScoreReturn:  # noqa: N802 (kenlm's name)
        """The same with the length of the n-gram that gave it, and whether the word is unknown."""
        number = self._ids[word]
        return FullScoreReturn(*self._advance(in_state, number, out_state), number == UNK)

    def _advance(self, in_state: State, word: int, out_state: State) -> tuple[float, int]:
        walk = self._walk
        history = in_state.history or walk.empty
        if in_state.walk is not walk and in_state.walk is not None:
            raise UsageError("this state is that of another model.", "Write states with the model that scores them.")
        score, matched, out_state.history = walk.step(history, word)
        out_state.walk = walk
        log10_prob: float = walk.log10(score)
        if self._unseen:
            seen = min(in_state.words, self._longest)
            log10_prob += self._unseen * (seen - history[LENGTH])
            out_state.words = min(seen + 1, self._longest)
        return log10_prob, matched


class LanguageModel(Model):
    """The name that `kenlm.Model` had once."""
