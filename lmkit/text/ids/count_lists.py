"""Lists of n-grams with their counts, as SRILM, Google and `lmkit count` write them, as ids: n-gram, TAB, count on a line; all lengths mixed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_numpy
from lmkit.engine.kernels import call_arrow, take
from lmkit.engine.progress import bytes_read
from lmkit.errors import DataError
from lmkit.text.ids.encoding import unknown_form
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.names import TextFile, Texts, source_name, sources
from lmkit.text.sources.reading import read_lines
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.splitting import split_entries
from lmkit.text.vocabulary import BOS, EOS, MARKS, UNK, WordNumbering
from lmkit.text.whitespace import NEWLINE, TAB
from lmkit.text.word_files import unit_of_line

BLOCK_BYTES = 16 << 20
LARGEST = 2**48  # that no count reaches
CAPITALS = {b"<S>": MARKS[BOS], b"</S>": MARKS[EOS], b"<UNK>": MARKS[UNK]}  # as Google writes the marks
WORDS, AGAIN, TOTAL = (
    "vocab_cs",
    "vocab",
    "total",
)  # beside each other in Google's n-grams: words, the same words, how many there are
INDEX = re.compile(r"\dgm\.idx")  # of the files beside it
COLUMNS = (
    "A line of counts is an n-gram, a TAB and a count, as `lmkit count`, SRILM's ngram-count -write and Google's n-grams have it. "
    r"Where the count comes first: sed -E 's/^[ \t]*([0-9]+)[ \t]+(.*)$/\2\t\1/'."
)
WHOLE = "Smoothing looks at how many n-grams were seen once, twice, ...: counts are whole numbers. Round them, or count the text itself."
PADDING = "lmkit has one <s> before a sentence and one </s> after it: leave out n-grams that reach over these."


@dataclass(frozen=True, eq=False)
class ListedNgrams:
    """N-grams of one length, as they were listed."""

    ids: NDArray[np.int32]  # (n-grams, length)
    counts: NDArray[np.int64]  # (n-grams,)


def files_of_counts(texts: Texts) -> list[TextFile]:
    """The files of lists; in folders of Google's n-grams without what is no list, or the same list again."""
    files = sources(texts)
    paths = [Path(source_name(file)) for file in files]
    there = {(path.parent, path.name.removesuffix(".gz")) for path in paths}

    def is_no_list(path: Path) -> bool:
        name = path.name.removesuffix(".gz")
        return INDEX.fullmatch(name) is not None or (name in (AGAIN, TOTAL) and (path.parent, WORDS) in there)

    return [file for file, path in zip(files, paths, strict=True) if not is_no_list(path)]


def numbered_lists(texts: Texts, settings: TextSettings, numbering: WordNumbering) -> Iterator[dict[int, ListedNgrams]]:
    """The n-grams of lists by their length, block by block; words are shaped as in a text, and numbered as they come.

    DataError, with file and line, for what is no n-gram with a count, for counts that are no whole numbers, for marks inside of n-grams.
    """
    words = WordsOfLists(settings, numbering)
    for block in read_lines(files_of_counts(texts), block_bytes=BLOCK_BYTES):
        bytes_read(len(block.data))
        if lines := split_lines(block):
            yield words.number(lines)


@dataclass(frozen=True, eq=False)
class CountLines:
    """Lines of counts, taken apart."""

    ngrams: Block  # without the counts
    counts: NDArray[np.int64]  # (lines,)
    numbers: NDArray[np.int64]  # (lines,) where each stands in the file

    def where(self, place: int) -> str:
        """A line in messages."""
        return f"{self.ngrams.source}:{self.numbers[place]}"


def split_lines(block: Block) -> CountLines | None:
    """The lines of a block; None if all are blank. DataError for lines without one TAB, and a whole number after it."""
    characters = np.frombuffer(block.data.replace(b"\r\n", b"\n"), np.uint8)
    ends = np.flatnonzero(characters == NEWLINE)
    lengths = np.diff(ends, prepend=-1)
    filled = np.flatnonzero(lengths > 1)
    numbers = block.first_line + filled
    if len(filled) < len(lengths):
        characters = characters[np.repeat(lengths > 1, lengths)]
        ends = np.cumsum(lengths[filled]) - 1
    if not len(filled):
        return None
    tabs = np.flatnonzero(characters == TAB)
    check_tabs(tabs, ends, characters, (block.source, numbers))
    parts = np.stack((tabs - ends + lengths[filled], ends - tabs), axis=1)  # of each line, with TAB and newline
    is_ngram = np.repeat(np.tile([True, False], len(ends)), parts.ravel())
    ngrams = characters[is_ngram]
    ngrams[ngrams == TAB] = NEWLINE
    counts = whole_numbers(characters[~is_ngram], parts[:, 1], (block.source, numbers))
    return CountLines(Block(ngrams.tobytes(), block.source, block.first_line, 0), counts, numbers)


def check_tabs(
    tabs: NDArray[np.int64],
    ends: NDArray[np.int64],
    characters: NDArray[np.uint8],
    where: tuple[str, NDArray[np.int64]],
) -> None:
    """DataError unless each line, which ends there, has one of the TABs. where: the file, and the numbers of the lines."""
    before = np.searchsorted(tabs, ends)
    numbers = np.diff(before, prepend=0)
    wrong = np.flatnonzero(numbers != 1)
    if len(wrong):
        place = int(wrong[0])
        start = int(ends[place - 1]) + 1 if place else 0
        line = characters[start : ends[place]].tobytes().decode()
        have = {0: "no TAB"}.get(int(numbers[place]), f"{numbers[place]} TABs")
        shown = line if len(line) < LONGEST_SHOWN else line[:LONGEST_SHOWN] + "…"
        raise DataError(f"{where[0]}:{where[1][place]}: {have} in {shown!r}.", COLUMNS)


LONGEST_SHOWN = 60  # characters of a line in a message


def whole_numbers(
    characters: NDArray[np.uint8], lengths: NDArray[np.int64], where: tuple[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """(lines,) the numbers that stand in the characters, one a line of these lengths; few are distinct. DataError as for `numbered_lists`."""
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    texts = pa.Array.from_buffers(pa.binary(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(characters)])
    encoded = call_arrow("dictionary_encode", texts)
    found = [text.strip().decode() for text in encoded.dictionary.to_pylist()]
    values = [
        int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) + 1 else -1 for text in found
    ]
    for place, (text, value) in enumerate(zip(found, values, strict=True)):
        if not 0 <= value < LARGEST:
            line = where[1][int(np.flatnonzero(to_numpy(encoded.indices) == place)[0])]
            what = "is too large" if value >= 0 or (text.isdigit() and text) else "is no whole number"
            remedy = WHOLE if is_number(text) else COLUMNS
            raise DataError(f"{where[0]}:{line}: the count {text!r} {what}.", remedy)
    return take(np.array(values, np.int64), to_numpy(encoded.indices))


def is_number(text: str) -> bool:
    """Whether this is a number, whole or not."""
    try:
        float(text)
    except ValueError:
        return False
    return True


class WordsOfLists:
    """Gives the words of lists their ids."""

    def __init__(self, settings: TextSettings, numbering: WordNumbering) -> None:
        self._settings, self._numbering, self._unknown = settings, numbering, unknown_form(settings)
        self._in_capitals = {True: b"", False: b""}  # a mark that was met in capital letters, and one that was not

    def number(self, lines: CountLines) -> dict[int, ListedNgrams]:
        """The n-grams of some lines, by their length."""
        entries = split_entries(lines.ngrams)
        running = take(entries.running, np.flatnonzero(take(entries.lengths, entries.running) > 0))
        ends_line = take(entries.ends_line, entries.running)
        is_word = take(entries.lengths, entries.running) > 0
        lengths = np.diff(np.cumsum(is_word)[np.flatnonzero(ends_line)], prepend=0)
        nonempty = np.flatnonzero(entries.lengths)
        ids = np.full(len(entries.lengths), -1, np.int32)
        ids[nonempty] = self._numbers([entries.words[place] for place in nonempty.tolist()], lines)
        tokens, firsts = take(ids, running), np.cumsum(lengths) - lengths
        found = {}
        for length in np.unique(lengths).tolist():
            places = np.flatnonzero(lengths == length)
            if not length:
                raise DataError(f"{lines.where(int(places[0]))}: there is no n-gram before the TAB.", COLUMNS)
            rows = take(tokens, firsts[places][:, None] + np.arange(length))
            check_marks(rows, places, lines)
            seen = lines.counts[places] > 0  # SRILM lists words that it knows and has not seen
            keep = slice(None) if length == 1 or seen.all() else seen
            found[length] = ListedNgrams(rows[keep], lines.counts[places][keep])
        return found

    def _numbers(self, words: list[bytes], lines: CountLines) -> NDArray[np.int32]:
        """(words,) the ids of words."""
        if self._settings.unit == "word":
            shaped = words if self._settings.tokenizer_json else shape_words(words, self._settings)
        else:
            shaped = [
                word if word in MARKS or word in CAPITALS else unit_of_line(word, self._settings, lines.ngrams.source)
                for word in words
            ]
        for before, after in zip(words, shaped, strict=True):
            if not after or (before != after and b" " in after):
                what = f"the word {before.decode()!r} would be {after.decode()!r}, which is not one word"
                raise DataError(f"{lines.ngrams.source}: {what}.", "Leave --normalize nfkc or --strip-accents out.")
        return self._numbering.number([self._mark(word, lines) for word in shaped])[0]

    def _mark(self, word: bytes, lines: CountLines) -> bytes:
        """The word, or the mark that it is in capital letters. DataError if there are marks of both kinds."""
        if word == self._unknown:
            return MARKS[UNK]
        mark = CAPITALS.get(word, word)
        if mark not in MARKS:
            return word
        is_capital = word in CAPITALS
        self._in_capitals[is_capital] = word
        if self._in_capitals[not is_capital]:
            one, other = (self._in_capitals[kind].decode() for kind in (True, False))
            raise DataError(
                f"{lines.ngrams.source}: the counts have {one} and {other}: marks are written in one way.",
                "Write them as <s>, </s> and <unk> everywhere, or name a word that is none differently.",
            )
        return mark


def check_marks(ids: NDArray[np.int32], places: NDArray[np.int64], lines: CountLines) -> None:
    """DataError for n-grams (n-grams, length) in which <s> is not first, or </s> not last. places: of their lines."""
    wrong = np.flatnonzero((ids[:, 1:] == BOS).any(axis=1) | (ids[:, :-1] == EOS).any(axis=1))
    if len(wrong):
        place = int(places[wrong[0]])
        ngram = lines.ngrams.data.split(b"\n")[place].decode()
        raise DataError(
            f"{lines.where(place)}: {ngram!r} has <s> after its first place, or </s> before its last.", PADDING
        )
