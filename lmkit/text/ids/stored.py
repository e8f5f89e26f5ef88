"""Encoded text that can be read again, for what needs the word counts, or a model's view, before the text."""

import re
import tempfile
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.errors import VocabularyWarning
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.limits import check_limits, cut_off, no_sentence
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.vocabulary import FIRST_WORD, UNK, Vocabulary, WordNumbering
from lmkit.text.word_files import read_vocabulary

SHOWN_WORDS = 3  # of a vocabulary in a message
LOOKS: tuple[tuple[Callable[[str], bool], str], ...] = (  # how words of lists look that were made for something else
    (
        lambda word: word.startswith(("▁", "Ġ")),
        "Its words are pieces of a subword tokenizer, as SentencePiece lists them with scores: they are found in text that was cut into such pieces.",
    ),
    (lambda word: re.fullmatch(".+[,;].*", word) is not None, "Is it CSV? Only a TAB ends the word of a line."),
    (lambda word: word != word.lower() and word == word.upper(), "Its words are in capital letters: is the text, too?"),
)


@dataclass(frozen=True, eq=False)
class EncodedText:
    """A text as ids, on disk; read as often as needed."""

    vocabulary: Vocabulary  # limited as asked
    settings: TextSettings
    all_words: Vocabulary  # every word of the text
    new_ids: NDArray[np.int32]  # (all words,) their ids in `vocabulary`
    _file: Any  # temporary file of int32 ids in all_words
    _lengths: list[int]  # tokens of each block

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

    def blocks(self) -> Iterator[NDArray[np.int32]]:
        """The tokens of whole padded sentences, block by block, as ids of `vocabulary`."""
        for tokens in self.unlimited_blocks():
            yield self.new_ids[tokens]

    def unlimited_blocks(self) -> Iterator[NDArray[np.int32]]:
        """The same as ids of `all_words`."""
        self._file.seek(0)
        for length in self._lengths:
            yield np.frombuffer(self._file.read(4 * length), np.int32)


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
    settings = settings or TextSettings()
    check_limits(cutoff, vocabulary)
    given = vocabulary
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        vocabulary = read_vocabulary(vocabulary, settings)
    numbering = WordNumbering()
    lengths: list[int] = []
    counts = np.zeros(0, np.int64)
    blocks = read_sentences(texts, settings, reading)
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.TemporaryFile(prefix="lmkit-", dir=resources.tmp))
        for block in encode_blocks(blocks, settings, numbering, resources.workers):
            file.write(block.tokens.tobytes())
            lengths.append(len(block.tokens))
            found = np.bincount(block.tokens, minlength=len(numbering))
            found[: len(counts)] += counts
            counts = found
        if not sum(lengths):
            raise no_sentence(texts)
        on_failure.pop_all()  # the file lives as long as the result
    all_words = numbering.vocabulary()
    counts = np.pad(counts, (0, len(all_words) - len(counts)))  # bytes that the text lacks were numbered last
    if vocabulary is not None:
        new_ids = WordNumbering(vocabulary).number(all_words.words)[0]
        if given is not None and counts[UNK:].any() and not counts[new_ids >= FIRST_WORD].any():
            warn_of_unknown(vocabulary, given, texts)
        return EncodedText(vocabulary, settings, all_words, new_ids, file, lengths)
    limited, new_ids = cut_off(all_words, counts, cutoff)
    return EncodedText(limited, settings, all_words, new_ids, file, lengths)


def warn_of_unknown(vocabulary: Vocabulary, given: Texts | Vocabulary, texts: Texts) -> None:
    """VocabularyWarning that no token of the texts is in the vocabulary, which was given so."""
    name = "that was given" if isinstance(given, Vocabulary) else names_of(given)
    first = [word.decode() for word in vocabulary.words[FIRST_WORD:][: SHOWN_WORDS + 1]]
    shown = " ".join(first[:SHOWN_WORDS] + ["…"] * (len(first) > SHOWN_WORDS))
    warnings.warn(
        f"no token of {names_of(texts)} is in the vocabulary {name} ({shown}): all of them are <unk>.\n"
        f"{why_unknown(vocabulary)}",
        VocabularyWarning,
        stacklevel=3,
    )


def why_unknown(vocabulary: Vocabulary) -> str:
    """Why a text may have no word of a vocabulary, by what most of its words look like."""
    words = [word.decode() for word in vocabulary.words[FIRST_WORD:]]
    for looks, why in LOOKS:
        if 2 * sum(looks(word) for word in words) > len(words):
            return why
    return "Is it in the same language and the same letter case?"
