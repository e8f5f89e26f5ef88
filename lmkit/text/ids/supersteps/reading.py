"""What asks for texts to be read in steps, and numbers their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.columns import texts_at
from lmkit.engine.runners.payloads import packed_value, read_only, unpacked, unpacked_value
from lmkit.engine.runners.protocol import DRIVER, Message, Runner, Sent
from lmkit.text.ids.encoding import fixed_tokens
from lmkit.text.ids.supersteps.numbering import BAD_LINES, COUNTS, IDS, TEXTS, WORDS, Numbering, Telling
from lmkit.text.limits import cut_off
from lmkit.text.reading import BLOCK_BYTES, Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.names import Texts
from lmkit.text.sources.splits import Split, as_files, expected_bytes, splits_of, within_reach
from lmkit.text.stored_words import OFFSETS
from lmkit.text.stored_words import TEXT as UTF8
from lmkit.text.vocabulary import FIRST_WORD, UNK, Vocabulary, WordNumbering

LEAST_SPLIT = BLOCK_BYTES * 15 // 16  # bytes of text, which make one block
LARGEST_SPLIT = 256 << 20

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class WholeVocabulary:
    """The words of the whole text."""

    vocabulary: Vocabulary
    counts: NDArray[np.int64]  # (types,) how often each occurs
    ids: dict[int, NDArray[np.int32]]  # by split: (its types,) the id of each of its words

    def given(self) -> list[Message]:
        """To each split, the ids of its words."""
        return [Message(split, DRIVER, IDS, read_only(ids)) for split, ids in self.ids.items()]


def texts_for(runner: Runner, texts: Texts) -> Split:
    """The texts as all work can read them. UsageError for what only this process can read, where nothing can be handed on in files."""
    return as_files(texts, runner.folder) if runner.folder is not None else within_reach(texts)


def split_bytes_for(runner: Runner, files: Split) -> int:
    """How much text is in a split: much, so that little is sent, and so little that all workers have something to do."""
    return min(max(sum(map(expected_bytes, files)) // (2 * runner.targets_at_once) + 1, LEAST_SPLIT), LARGEST_SPLIT)


def read_on(
    runner: Runner,
    files: Split,
    split_bytes: int,
    settings: TextSettings,
    reading: Reading,
    tell: Telling | None,
) -> Sent:
    """What splits of the texts sent, of about so many bytes each; lines that were skipped are told."""
    splits = splits_of(files, settings, split_bytes)
    given = [Message(number, DRIVER, TEXTS, packed_value(split)) for number, split in enumerate(splits)]
    sent = runner.step("numbering words", Numbering(settings, reading, runner.each, tell), given)
    bad_lines_of(sent).warn()
    return sent


def whole_vocabulary(sent: Sent, settings: TextSettings, given: Vocabulary | None, cutoff: int) -> WholeVocabulary:
    """The words of all splits, numbered as they would be if the text were read from its beginning; limited as asked."""
    numbering, ids, found = WordNumbering(given), {}, {}
    for split, words, counts in words_of_splits(sent):
        seen = np.flatnonzero(counts[FIRST_WORD:]) + FIRST_WORD
        ids[split] = np.full(len(words), UNK, np.int32)
        ids[split][:FIRST_WORD] = np.arange(FIRST_WORD)
        ids[split][seen] = ids_of(texts_at(words.arrow_words(), seen), numbering)
        found[split] = counts
    if numbering.grows:
        numbering.number(fixed_tokens(settings))
    whole = WholeVocabulary(numbering.vocabulary(), np.zeros(len(numbering), np.int64), ids)
    for split, counts in found.items():
        np.add.at(whole.counts, ids[split], counts)
    return whole if cutoff == 1 else without_rare(whole, cutoff)


def ids_of(words: "pa.Array[Any]", numbering: WordNumbering) -> NDArray[np.int32]:
    """(words,) the ids of words (large_binary), of which new ones are numbered if the numbering grows: most are among the first ones, and looked up together."""
    found, all_were = numbering.look_up(words)
    ids, others = found.copy(), np.flatnonzero(found < 0)
    ids[others] = UNK if all_were else numbering.number(texts_at(words, others).to_pylist())[0]
    numbering.settle(len(words))
    return ids


def words_of_splits(sent: Sent) -> Iterator[tuple[int, Vocabulary, NDArray[np.int64]]]:
    """Each split, its words, and how often each occurs."""
    for message in sent.to_driver(WORDS):
        arrays = unpacked(message)
        yield message.source, Vocabulary(arrays[UTF8], arrays[OFFSETS]), arrays[COUNTS]


def without_rare(whole: WholeVocabulary, cutoff: int) -> WholeVocabulary:
    """The words after those seen fewer than `cutoff` times became <unk>: before anything longer is counted."""
    vocabulary, new_ids = cut_off(whole.vocabulary, whole.counts, cutoff)
    counts = np.zeros(len(vocabulary), np.int64)
    np.add.at(counts, new_ids, whole.counts)
    return WholeVocabulary(vocabulary, counts, {split: new_ids.take(ids) for split, ids in whole.ids.items()})


def bad_lines_of(sent: Sent) -> BadLines:
    """The lines of all splits that were skipped."""
    bad = BadLines()
    for message in sent.to_driver(BAD_LINES):
        bad.add(unpacked_value(message))
    return bad
