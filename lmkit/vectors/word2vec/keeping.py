"""Training by gensim that goes on after a kill.

gensim hands sentences out in jobs, always the same ones, each with its learning rate. Those that are done are handed out again, which
is cheap, and not trained on; what a job does depends on the vectors and the random numbers alone, which are kept between two jobs.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from lmkit.engine.journal.checkpoint import Checkpoint
from lmkit.engine.journal.pieces import Arrays

JOB = "_do_train_job"  # the method of gensim's models that trains on a job
GENERATOR = "MT19937"  # of NumPy's RandomState, from which gensim draws


class KeptTraining:
    """Stands between a model and its training on each job."""

    def __init__(self, model: Any, kept: Checkpoint, words: int) -> None:
        """words: known ones that run through all epochs."""
        self.failures: list[Exception] = []  # gensim would wait for ever for a thread that raises one
        self._model, self._kept, self._words = model, kept, words
        self._train = getattr(model, JOB)
        self._lock = Lock()
        self._seen = self._number = 0  # words and jobs that were handed out
        self._under_way: set[int] = set()
        piece = kept.find()
        self._done = 0 if piece is None else int(piece.said["jobs"])
        if piece is not None:
            for name, array in self._weights().items():
                array[...] = piece.arrays[name]
            model.random.set_state((GENERATOR, np.array(piece.arrays["random"]), int(piece.said["drawn"])))
        setattr(model, JOB, self.take)

    def take(self, sentences: Sequence[Sequence[int]], rate: float, memory: Any) -> tuple[int, int]:
        """Train on a job, if that was not done before. Returns words trained on, and all: as gensim wants it."""
        words = sum(map(len, sentences))
        with self._lock:
            number, self._number = self._number, self._number + 1
            if number < self._done or self.failures or self._fails(number):
                self._seen += words
                return 0, words
            self._seen += words
            self._under_way.add(number)
        found: tuple[int, int] = self._train(sentences, rate, memory)
        with self._lock:
            self._under_way.remove(number)
        return found

    def _fails(self, number: int) -> bool:
        """Keep the state before a job, if it is time. Returns whether that failed.

        Of several threads, the others are in the middle of jobs, which are done again.
        """
        share = self._seen / self._words
        if self._kept.is_due(share):
            _, keys, drawn, *_ = self._model.random.get_state()
            jobs = min(self._under_way, default=number)
            try:
                self._kept.keep(share, {**self._weights(), "random": keys}, {"jobs": jobs, "drawn": int(drawn)})
            except Exception as error:  # noqa: BLE001 # raised once gensim has ended
                self.failures.append(error)
                return True
        return False

    def _weights(self) -> Arrays:
        """What is trained."""
        other = "syn1neg" if self._model.negative else "syn1"
        return {"words": self._model.wv.vectors, other: getattr(self._model, other)}
