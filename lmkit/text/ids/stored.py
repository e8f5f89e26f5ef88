"""Encoded text that can be read again, for what needs the word counts, or a model's view, before the text."""

import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.memory import let_go, writing_to
from lmkit.engine.resources import Resources
from lmkit.one_line import one_line
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.limits import check_limits, cut_off, no_sentence, warn_of_unknown
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings, refuse_without_marks
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import EOS, FIRST_WORD, UNK, Vocabulary, WordNumbering
from lmkit.text.word_files import read_vocabulary

KEPT = "the text is, as numbers,"  # in a folder, for a message


@one_line
@dataclass(frozen=True, eq=False)
class EncodedText:
    """A text as ids, on disk; read as often as needed."""

    vocabulary: Vocabulary  # limited as asked
    settings: TextSettings
    all_words: Vocabulary  # every word of the text
    new_ids: NDArray[np.int32]  # (all words,) their ids in `vocabulary`
    _file: Any  # temporary file of int32 ids in all_words
    _lengths: list[int]  # tokens of each block
    cutoff: int | None  # words seen fewer times are <unk>; None: the vocabulary was given
    longest_sentence: int  # words in it

    def in_brief(self) -> str:
        """What it is, in a line."""
        return f"{self.tokens:,} tokens with sentence marks, {len(self.vocabulary):,} types"

    def __post_init__(self) -> None:
        weakref.finalize(self, self._file.close)  # which removes it

    @property
    def tokens(self) -> int:
        """The number of tokens, sentence marks included."""
        return sum(self._lengths)

    @property
    def longest_block(self) -> int:
        """The number of tokens of the longest block."""
        return max(self._lengths, default=0)

    def told_apart_by(self) -> Iterator[NDArray[Any]]:
        """Arrays that are others where the text is."""
        yield self.all_words.utf8
        yield self.all_words.offsets
        yield from self.unlimited_blocks()

    def details(self) -> dict[str, Any]:
        """How the text was read and its vocabulary limited, for signatures; JSON values."""
        return reading_details(self.cutoff, self.settings)

    def blocks(self) -> Iterator[NDArray[np.int32]]:
        """The tokens of whole padded sentences, block by block, as ids of `vocabulary`."""
        for tokens in self.unlimited_blocks():
            yield self.new_ids[tokens]

    def unlimited_blocks(self) -> Iterator[NDArray[np.int32]]:
        """The same as ids of `all_words`."""
        self._file.seek(0)
        for length in self._lengths:
            yield np.frombuffer(self._file.read(4 * length), np.int32)


def limiting_vocabulary(
    cutoff: int, vocabulary: Texts | Vocabulary | None, settings: TextSettings
) -> Vocabulary | None:
    """The vocabulary that was given, read, if one was (see `encode_text`). UsageError for what contradicts the settings, or each other."""
    refuse_without_marks(settings, "this counts with")
    check_limits(cutoff, vocabulary)
    if vocabulary is None or isinstance(vocabulary, Vocabulary):
        return vocabulary
    return read_vocabulary(vocabulary, settings)


def reading_details(cutoff: int | None, settings: TextSettings) -> dict[str, Any]:
    """The same of what was read so (see `EncodedText`)."""
    return {"cutoff": cutoff or "vocabulary-file"} | settings.for_signature()


def longest_sentence(tokens: NDArray[np.int32]) -> int:
    """The words in the longest of whole padded sentences."""
    return max(int(np.diff(np.flatnonzero(tokens == EOS), prepend=-1).max(initial=0)) - 2, 0)


def encode_text(
    texts: Texts,
    *,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> EncodedText:
    """The texts as ids in a temporary file (4 bytes a token), their vocabulary limited as asked.

    cutoff: words seen fewer times are <unk>; vocabulary: a file with one word a line, or a Vocabulary.
    DataError for unreadable text and a text without any sentence.
    """
    import tempfile

    settings = settings or TextSettings()
    given, vocabulary = vocabulary, limiting_vocabulary(cutoff, vocabulary, settings)
    numbering = WordNumbering()
    lengths: list[int] = []
    longest = 0
    counts = np.zeros(0, np.int64)
    blocks = read_sentences(texts, settings, reading, check=False)
    with ExitStack() as on_failure:
        with writing_to(resources.folder, KEPT):
            file = tempfile.TemporaryFile(prefix="lmkit-", dir=resources.tmp)  # noqa: SIM115 (closed as below)
        on_failure.callback(let_go, file)
        for block in encode_blocks(blocks, settings, numbering, resources.workers):
            with writing_to(resources.folder, KEPT):
                file.write(block.tokens.tobytes())
            lengths.append(len(block.tokens))
            longest = max(longest, longest_sentence(block.tokens))
            found = np.bincount(block.tokens, minlength=len(numbering))
            found[: len(counts)] += counts
            counts = found
        if not sum(lengths):
            raise no_sentence(texts)
        with writing_to(resources.folder, KEPT):
            file.flush()
        on_failure.pop_all()  # the file lives as long as the result
    all_words = numbering.vocabulary()
    counts = np.pad(counts, (0, len(all_words) - len(counts)))  # bytes that the text lacks were numbered last
    if vocabulary is not None:
        new_ids = WordNumbering(vocabulary).number(all_words.words)[0]
        if given is not None and counts[UNK:].any() and not counts[new_ids >= FIRST_WORD].any():
            warn_of_unknown(vocabulary, given, texts)
        return EncodedText(vocabulary, settings, all_words, new_ids, file, lengths, None, longest)
    limited, new_ids = cut_off(all_words, counts, cutoff)
    return EncodedText(limited, settings, all_words, new_ids, file, lengths, cutoff, longest)
