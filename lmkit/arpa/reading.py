"""ARPA files as models: those of KenLM, SRILM, MITLM, IRSTLM and lmkit. What a check would call an error is one here."""

from collections.abc import Callable

import numpy as np

from lmkit.arpa.frame import COMMENT_FAULT, is_closed
from lmkit.arpa.grammar import ARPA_BLOCK_BYTES, ArpaReader, ReadArpa
from lmkit.engine.arrays import FloatArray
from lmkit.engine.machine import number_of_cores
from lmkit.engine.threads import Threads
from lmkit.errors import DataError
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.values.protocol import Precision, precision_of
from lmkit.ngrams.values.stored import StoredValues
from lmkit.problems import LEVELS, Level, Problems
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.sources.reading import read_lines
from lmkit.text.vocabulary import BOS, MARKS, UNK


def read_arpa(
    texts: Texts,
    *,
    precision: Precision | None = None,
    unknown_word: str | None = None,
    block_bytes: int = ARPA_BLOCK_BYTES,
) -> NgramModel:
    """The model of an ARPA file (any compression). -99 and below is a probability of 0.

    precision: of the values in memory; by default that of the model if lmkit wrote it, else single, as KenLM and SRILM
    have it. unknown_word: the 1-gram that is <unk>, if another tool called it so. DataError with file and line for a file that is not ARPA, is cut short, or has n-grams whose words or
    histories are not listed in the lower orders.
    """
    source = names_of(texts)
    with Threads(number_of_cores()) as pool:
        reader = ArpaReader(source, Refusal(source), pool, precision, unknown_word)
        for block in read_lines(texts, block_bytes=block_bytes, check=False):
            reader.read(block)
            if reader.ended:
                break
        return model_of(reader.finish())


class Refusal(Problems):
    """Refuses what has a problem: the first error is raised, and all else is left alone."""

    are_collected = False

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    def add_each(self, level: Level, kind: str, number: int, describe: Callable[[int], tuple[int | None, str]]) -> None:
        """DataError for the first of several problems of a kind, if they are errors."""
        if not number or level != LEVELS[0]:
            return
        line, message = describe(0)
        place = self._source if line is None else f"{self._source}:{line}"
        remedy = (
            "Upgrade lmkit; or take the line out, and the model is read like that of another tool."
            if kind == COMMENT_FAULT
            else "The ARPA file is damaged, or was not written by a backoff tool: `lmkit ngram check` tells all that is wrong."
        )
        raise DataError(f"{place}: {message}.", remedy)

    def join(self, other: Problems) -> None:
        """DataError for the first error that another one has collected."""
        errors = [problem for problem in other.listed() if problem.level == LEVELS[0]]
        if errors:
            first = min(errors, key=lambda problem: problem.line or 0)
            self.add(first.level, first.kind, first.message, first.line)


def model_of(read: ReadArpa) -> NgramModel:
    """The model of an ARPA file in which nothing is wrong."""
    builder, origin = read.builder, read.origin or Origin()
    log10_probs = [listed.log10_probs for listed in builder.chain]
    log10_probs[0][BOS] = -np.inf  # never predicted, whatever stands there
    closed = is_closed(origin, MARKS[UNK] in builder.marks_listed, float(log10_probs[0][UNK]))
    return NgramModel(
        vocabulary=builder.vocabulary(),
        orders=tuple(listed.order for listed in builder.chain),
        values=StoredValues(
            tuple(log10_probs), tuple(without_gaps(listed.log10_backoffs) for listed in builder.chain[:-1])
        ),
        **origin.fields_of_model(precision_of(builder.dtype), closed),
    )


def without_gaps(log10_backoffs: FloatArray) -> FloatArray:
    """The backoffs, 0 where none is given."""
    log10_backoffs[np.isnan(log10_backoffs)] = 0.0
    return log10_backoffs
