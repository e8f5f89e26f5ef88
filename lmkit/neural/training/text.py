"""A text as training reads it: one array of inputs, and sentences set apart for validation."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.neural.training.settings import MOST_HELD_OUT
from lmkit.neural.windows import inputs_of
from lmkit.text.ids.encoding import fixed_tokens
from lmkit.text.ids.stored import EncodedText, encode_text
from lmkit.text.limits import cut_off
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings, refuse_without_marks
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, Vocabulary

PIECE = 1 << 20  # inputs renumbered at a time


@dataclass(frozen=True, eq=False)
class TrainingText:
    """What a network learns from, and what tells how good it is meanwhile."""

    vocabulary: Vocabulary
    settings: TextSettings
    inputs: NDArray[np.int32]  # (inputs,) of all sentences to learn from, <s> first
    unigrams: NDArray[np.int64]  # (types,) counts of the targets
    validation: NDArray[np.int32]  # (tokens,) whole padded sentences; none: there is no validation
    validated_on: str  # what these are, in words
    details: dict[str, Any]  # how the vocabulary was limited, for signatures

    @property
    def digest(self) -> str:
        """What tells whether another text is the same, and read in the same way."""
        found = hashlib.sha256(json.dumps(self.settings.as_dict()).encode())
        for array in (self.vocabulary.utf8, self.vocabulary.offsets, self.inputs, self.validation):
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()


def read_training_text(
    texts: Texts,
    *,
    dev: Texts | None = None,
    held_out: float = 0.0,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    vocabulary_size: int | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> TrainingText:
    """The texts with their vocabulary, limited as asked by what is learnt from; what is set apart has no say in it.

    dev: a text for validation; without one, the last sentences are set apart, this share of all tokens, and MOST_HELD_OUT at most.
    UsageError for limits that exclude each other. DataError for unreadable text and a text without any sentence.
    """
    if vocabulary_size is not None and (vocabulary is not None or cutoff > 1):
        raise UsageError(
            "a size of the vocabulary was given, and a cutoff or the vocabulary itself.", "Leave one of them out."
        )
    if vocabulary_size is not None and fixed_tokens(settings or TextSettings()):
        raise UsageError(
            f"a vocabulary of {vocabulary_size} was asked for, and every token of bytes and subwords is known.",
            "Leave the size out; of subwords, the tokenizer has it.",
        )
    refuse_without_marks(settings, "neural models learn where sentences begin and end from")
    read = encode_text(
        texts, cutoff=cutoff, vocabulary=vocabulary, settings=settings, reading=reading, resources=resources
    )
    inputs = all_inputs(read, resources)
    first = len(inputs) if dev is not None else held_out_from(inputs, held_out)
    kept, new_ids, limit = limited(read, inputs[:first], cutoff, vocabulary_size)
    for at in range(0, len(inputs), PIECE):
        inputs[at : at + PIECE] = new_ids[inputs[at : at + PIECE]]
    if dev is not None:
        held = encode_text(dev, vocabulary=kept, settings=read.settings, reading=reading, resources=resources)
        validation, name = np.concatenate(list(held.blocks())), names_of(dev)
    else:
        validation = padded(inputs[first:])
        sentences = int(np.count_nonzero(validation == EOS))
        name = "the last sentence" if sentences == 1 else f"the last {sentences:,} sentences" if sentences else ""
    learnt = inputs[:first]
    unigrams = occurrences(learnt, len(kept))
    unigrams[EOS], unigrams[BOS] = unigrams[BOS], 0
    return TrainingText(kept, read.settings, learnt, unigrams, validation, name, limit)


def all_inputs(read: EncodedText, resources: Resources) -> NDArray[np.int32]:
    """The inputs of a text as ids of all its words: in memory while they take an eighth of it, else in a file that is mapped."""
    total = read.tokens - sum(int(np.count_nonzero(block == EOS)) for block in read.unlimited_blocks())
    scratch: Scratch = resources.on_disk() if 4 * total > resources.memory_limit // 8 else Scratch()
    found: NDArray[np.int32] = scratch.allocate(total, np.int32)
    end = 0
    for block in read.unlimited_blocks():
        inputs = inputs_of(block)
        found[end : end + len(inputs)] = inputs
        end += len(inputs)
    return found


def held_out_from(inputs: NDArray[np.int32], share: float) -> int:
    """Where the last sentences begin that are set apart: one at least if any is asked for, and never all."""
    starts = np.flatnonzero(inputs == BOS)
    if not share or len(starts) < 2:
        return len(inputs)
    wanted = len(inputs) - min(int(share * len(inputs)), MOST_HELD_OUT)
    return int(starts[np.clip(np.searchsorted(starts, wanted), 1, len(starts) - 1)])


def limited(
    read: EncodedText, learnt: NDArray[np.int32], cutoff: int, size: int | None
) -> tuple[Vocabulary, NDArray[np.int32], dict[str, Any]]:
    """The vocabulary of what is learnt from, the new id (all words,) of each word of the text, and how it was limited."""
    if read.cutoff is None:
        return read.vocabulary, read.new_ids, {"cutoff": "vocabulary-file"}
    counts = occurrences(learnt, len(read.all_words))
    if fixed_tokens(read.settings):  # every one can occur, also those that are not seen
        counts += cutoff
    elif size is not None:
        ranks = read.all_words.code_point_ranks()
        order = np.lexsort((ranks, -counts))
        dropped = order[order >= FIRST_WORD][size:]
        counts[dropped] = 0
    limit = {"cutoff": cutoff} if size is None else {"vocabulary_size": size}
    return (
        *cut_off(read.all_words, 1 + (counts >= cutoff), 2),
        limit,
    )  # words that are not seen go, whatever the cutoff


def occurrences(ids: NDArray[np.int32], types: int) -> NDArray[np.int64]:
    """(types,) how often each id comes; piece by piece, as NumPy makes twice the memory of what it counts."""
    found = np.zeros(types, np.int64)
    for at in range(0, len(ids), PIECE):
        found += np.bincount(ids[at : at + PIECE], minlength=types)
    return found


def padded(inputs: NDArray[np.int32]) -> NDArray[np.int32]:
    """The whole padded sentences whose inputs these are."""
    if not len(inputs):
        return inputs
    ends = np.append(np.flatnonzero(inputs == BOS)[1:], len(inputs))
    found: NDArray[np.int32] = np.insert(inputs, ends, np.int32(EOS))
    return found
