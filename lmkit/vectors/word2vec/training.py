"""Word vectors by Word2Vec (Mikolov et al., 2013), trained by gensim on text that lmkit reads.

gensim gets words as numbers, which it looks up faster than letters, in sentences without unknown words: as its own `min_count` has
it, these are gone before the window is applied.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lmkit.engine.journal.checkpoint import checkpoint
from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.progress import Advance, stage
from lmkit.errors import UsageError
from lmkit.text.ids.stored import EncodedText
from lmkit.vectors.word2vec.keeping import KeptTraining
from lmkit.vectors.word2vec.known_text import KnownText, known_text
from lmkit.vectors.word2vec.library import import_gensim, silenced
from lmkit.vectors.word2vec.settings import LEAST_RATE, NOISE_EXPONENT, Word2VecSettings
from lmkit.vectors.word_vectors import WordVectors

METHOD = "word2vec"
CONTEXTS = "contexts"  # in the state of vectors: those of words as neighbours
TOLD = 1 << 14  # words after which progress is told


def word2vec(text: EncodedText, settings: Word2VecSettings = Word2VecSettings(), *, workers: int = 1) -> WordVectors:
    """Vectors of the known words of a text, the most frequent first. Negative sampling gives those of contexts, too, in the state.

    One worker gives the same vectors for the same seed, text and machine, in every process. More are threads that write over each
    other's vectors: faster, no worse, and never twice the same. Windows end where sentences do, and after 10,000 known words, the most
    that gensim takes. DataError where gensim is missing, and for a text without two known words in a sentence.
    """
    if settings.loss == "softmax":
        raise UsageError(
            "the full softmax goes over all words at each step, and is there for small texts, in the open.",
            "Train with --negative or --hierarchical-softmax; or look at it with --explain.",
        )
    if workers < 1:
        raise UsageError(f"there are {workers} workers; it must be 1 or more.")
    library = import_gensim()
    known = known_text(text)
    known.check_room(settings.dimensions)
    with silenced(), one_blas_thread():
        model = untrained(library, known, settings, workers)
        words = known.tokens * settings.epochs
        kept = checkpoint("word2vec", text.told_apart_by())
        training = None if kept is None else KeptTraining(model, kept, words)
        fed = Fed(known, library.MAX_WORDS_IN_BATCH, stage("training", words))
        model.train(fed, total_words=known.tokens, epochs=settings.epochs)
    for failure in (*fed.failures, *(() if training is None else training.failures)):
        raise failure
    details = settings.details(workers) | text.details()
    state = {CONTEXTS: model.syn1neg} if settings.loss == "negative-sampling" else {}
    return WordVectors(known.words, model.wv.vectors, METHOD, details, state)


def untrained(library: Any, known: KnownText, settings: Word2VecSettings, workers: int) -> Any:
    """A model of gensim, which knows the numbers of the words and how often each is seen, and has drawn their first vectors."""
    sampling = settings.loss == "negative-sampling"
    model = library.Word2Vec(
        vector_size=settings.dimensions,
        sg=settings.architecture == "skip-gram",
        hs=not sampling,
        negative=settings.negative if sampling else 0,
        ns_exponent=NOISE_EXPONENT,
        window=settings.window,
        epochs=settings.epochs,
        sample=settings.subsample,
        alpha=settings.learning_rate,
        min_alpha=min(LEAST_RATE, settings.learning_rate),
        seed=settings.seed,
        workers=workers,
        min_count=1,
        sorted_vocab=False,  # they are sorted, with ties by code point
    )
    model.build_vocab_from_freq(dict(enumerate(known.counts.tolist())))
    return model


@dataclass
class Fed:
    """The sentences, as gensim asks for them in every epoch.

    It does so in a thread of its own, and waits for ever if that fails: failures are kept, and end the text.
    """

    known: KnownText
    longest: int  # words of a sentence
    advance: Advance  # of the stage under way
    failures: list[Exception] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[int]]:
        untold = 0
        try:
            for sentence in self.known.sentences(self.longest):
                yield sentence
                untold += len(sentence)
                if untold >= TOLD:
                    self.advance(untold)
                    untold = 0
            self.advance(untold)
        except Exception as error:  # noqa: BLE001 # raised once gensim has ended
            self.failures.append(error)
