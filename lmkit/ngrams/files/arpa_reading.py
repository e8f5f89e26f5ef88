"""Reading ARPA files: those of KenLM, SRILM, MITLM, IRSTLM and lmkit."""

import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray, IndexArray
from lmkit.engine.kernels import CellIndex
from lmkit.engine.sparse import group_many
from lmkit.engine.tensors import parse_json
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.model import NgramModel, Precision, float_dtype
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.files.arpa_lines import NgramLines, damaged, parse_ngram_lines
from lmkit.ngrams.files.arpa_writing import COMMENT
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.trie.orders import Order, first_order
from lmkit.ngrams.trie.tracing import find_ngrams
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.sources.reading import read_lines
from lmkit.text.vocabulary import BOS, MARKS, UNK, Vocabulary
from lmkit.version import __version__

ARPA_BLOCK_BYTES = 8 << 20
COUNT = re.compile(rb"ngram\s+(\d{1,3})\s*=\s*(\d{1,15})\s*")


def read_arpa(
    texts: Texts,
    *,
    precision: Precision | None = None,
    block_bytes: int = ARPA_BLOCK_BYTES,
) -> NgramModel:
    """The model of an ARPA file (any compression). -99 and below is a probability of 0.

    precision: of the values in memory; by default that of the model if lmkit wrote it, else single, as KenLM and SRILM
    have it. DataError with file and line for a file that is not ARPA, is cut short, or has n-grams whose words or
    histories are not listed in the lower orders.
    """
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        reader = ArpaReader(precision, names_of(texts), pool)
        for block in read_lines(texts, block_bytes=block_bytes, check=False):
            reader.read(block)
            if reader.section == "end":
                break
        return reader.model()


class ArpaReader:
    """Reads an ARPA file block by block, the lines of each order in threads."""

    def __init__(self, precision: Precision | None, source: str, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._waiting: deque[Future[Any]] = deque()  # pieces of the order that is being read
        self.section: str | int = "start"  # start, data, length of the n-grams, end
        self._precision: Precision = precision or "single"
        self._as_written = precision is None  # keep the precision of a model that lmkit wrote
        self._source = source
        self._sizes: dict[int, int] = {}  # n-grams announced in \data\
        self._origin: Origin | None = None  # in lmkit's own comment line
        self._listed: list[bytes] = []  # the words of the 1-grams, in the order of the file
        self._ids: dict[bytes, int] = {}  # ids of the words of the 1-grams
        self._orders: list[Order] = []
        self._cells: list[CellIndex] = []
        self._log10_probs: list[FloatArray] = []
        self._log10_backoffs: list[FloatArray] = []
        self._pieces: list[tuple[NDArray[Any], ...]] = []  # rows, columns, lines, log10 probabilities, log10 backoffs

    def read(self, block: Block) -> None:
        """Take in the next lines."""
        self._source = block.source
        data, line, position = block.data, block.first_line, 0
        start = 0 if data.startswith(b"\\") else data.find(b"\n\\") + 1
        while start or (not position and data.startswith(b"\\")):
            end = data.index(b"\n", start)
            self._read_lines(block, position, start, line)
            line += data.count(b"\n", position, start)
            self._enter_section(data[start + 1 : end].strip(), line)
            position, line = end + 1, line + 1
            if self.section == "end":
                return
            start = position if data.startswith(b"\\", position) else data.find(b"\n\\", end) + 1
        self._read_lines(block, position, len(data), line)

    def model(self) -> NgramModel:
        """The model, after the last block."""
        if self.section == "start":
            raise DataError(
                f"{self._source}: this is not a model: no \\data\\ line of an ARPA file was found.",
                "Models are lmkit's own files (.safetensors) or ARPA files, plain or compressed; text is first to be counted: "
                "lmkit ngram train.",
            )
        if self.section != "end":
            raise DataError(
                f"{self._source}: the ARPA file has no \\end\\ line: it is cut short.", "Fetch or write it again."
            )
        if not self._orders:
            raise DataError(f"{self._source}: the ARPA file has no n-grams.")
        origin = self._origin or Origin()
        closed = is_closed(origin, MARKS[UNK] in self._listed, float(self._log10_probs[0][UNK]))
        return NgramModel(
            vocabulary=Vocabulary.from_words(dict.fromkeys((*MARKS, *self._listed))),
            orders=tuple(self._orders),
            log10_probs=tuple(self._log10_probs),
            log10_backoffs=tuple(self._log10_backoffs[:-1]),
            **origin.fields_of_model(self._precision, closed),
        )

    def _enter_section(self, name: bytes, line: int) -> None:
        """Handle a line that begins with a backslash."""
        if isinstance(self.section, int):
            self._finish_order(line)
        if name == b"data\\" and self.section == "start":
            self.section = "data"
        elif name == b"end\\" and self.section != "start":
            expected = max(self._sizes, default=0)
            if len(self._orders) != expected:
                raise self._error(
                    line, f"\\end\\ comes after the {len(self._orders)}-grams; {expected} orders were announced"
                )
            self.section = "end"
        elif name == b"%d-grams:" % (len(self._orders) + 1) and len(self._orders) + 1 in self._sizes:
            self.section = len(self._orders) + 1
        elif self.section != "start":
            raise self._error(line, f"unexpected section \\{name.decode(errors='replace')}")

    def _read_lines(self, block: Block, start: int, end: int, line: int) -> None:
        """Handle the lines between two section headers: a range of bytes of the block, from this line on."""
        part = Block(block.data[start:end], block.source, line, block.offset + start)
        if isinstance(self.section, int):
            if part.data and not part.data.isspace():
                while len(self._waiting) > (cpu_count() or 1):
                    self._take(self._waiting.popleft().result())
                self._waiting.append(self._pool.submit(self._find_ngrams, part, self.section))
            return
        data = checked(part, None).data
        if self.section == "start":
            for place, text in enumerate(data.split(b"\n")):
                if text.startswith(COMMENT + b"{"):
                    self._origin = self._parse_comment(text[len(COMMENT) :], line + place)
                    if self._as_written:
                        self._precision = self._origin.precision
        elif self.section == "data":
            for place, text in enumerate(data.split(b"\n")):
                if not text.strip():
                    continue
                match = COUNT.fullmatch(text.strip())
                if match is None or int(match[1]) != len(self._sizes) + 1:
                    raise self._error(
                        line + place, f"expected 'ngram {len(self._sizes) + 1}=…', found {text.decode()!r}"
                    )
                self._sizes[int(match[1])] = int(match[2])

    def _find_ngrams(self, part: Block, k: int) -> tuple[NgramLines, IndexArray, IndexArray]:
        """The lines of a part of a section, with the row and the last word of each n-gram; for order 1 without."""
        parsed = parse_ngram_lines(checked(part, None).data, part.first_line, k, part.source)
        if k == 1 or not len(parsed.lines):
            return parsed, NO_SUFFIXES, NO_SUFFIXES
        ids = np.array([self._ids.get(word, -1) for word in parsed.distinct], np.int32).take(parsed.words)
        if (ids < 0).any():
            row, column = (int(place) for place in np.argwhere(ids < 0)[0])
            word = parsed.distinct[parsed.words[row, column]].decode()
            raise self._error(int(parsed.lines[row]), f"the word {word!r} is not among the 1-grams")
        rows, missing = find_ngrams(self._cells, ids[:, :-1])
        if missing.any():
            at = int(np.flatnonzero(missing)[0])
            words, length = [parsed.distinct[place].decode() for place in parsed.words[at]], int(missing[at])
            raise self._error(
                int(parsed.lines[at]),
                f"the {k}-gram {' '.join(words)!r} begins with {' '.join(words[:length])!r}, which is not among the {length}-grams",
            )
        return parsed, rows, ids[:, -1]

    def _take(self, found: tuple[NgramLines, IndexArray, IndexArray]) -> None:
        """Keep row, column, line, probability and backoff of the n-grams of a part, in the order of the file."""
        parsed, rows, columns = found
        probs, backoffs = (
            values.astype(float_dtype(self._precision)) for values in (parsed.log10_probs, parsed.log10_backoffs)
        )
        if not self._orders:
            columns = np.arange(len(self._listed), len(self._listed) + len(parsed.lines))
            rows = np.zeros_like(columns)
            self._listed += [parsed.distinct[place] for place in parsed.words[:, 0].tolist()]
        self._pieces.append((rows, columns, parsed.lines, probs, backoffs))

    def _number_words(self, lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ids (1-grams,) of the words of the 1-grams; the marks have their own, listed or not.

        <UNK> is <unk> if the file has no other and another tool wrote it, as KenLM has it.
        """
        if self._origin is None and MARKS[UNK] not in self._listed:
            self._listed = [MARKS[UNK] if word == b"<UNK>" else word for word in self._listed]
            alias = MARKS[UNK] in self._listed
        else:
            alias = False
        ids = {word: number for number, word in enumerate(dict.fromkeys((*MARKS, *self._listed)))}
        self._ids = {word: ids[word] for word in self._listed}
        columns = np.array([self._ids[word] for word in self._listed], np.int64)
        if len(self._ids) < len(columns):
            raise self._error(int(lines[first_repeated(columns)]), "the same 1-gram stands in the file twice")
        if alias:
            self._ids[b"<UNK>"] = UNK
        return columns

    def _finish_order(self, line: int) -> None:
        """Sort the n-grams of the section that ends here into the chain."""
        while self._waiting:
            self._take(self._waiting.popleft().result())
        k = len(self._orders) + 1
        dtypes: list[type[np.generic]] = [
            np.int32,
            np.int32,
            np.int64,
            float_dtype(self._precision),
            float_dtype(self._precision),
        ]
        rows, columns, lines, probs, backoffs = (
            np.concatenate([np.zeros(0, dtype), *(piece[place] for piece in self._pieces)])
            for place, dtype in enumerate(dtypes)
        )
        self._pieces = []
        if len(rows) != self._sizes[k]:
            raise self._error(line, f"the file announces {self._sizes[k]} {k}-grams and has {len(rows)}")
        if k == 1:
            where: IndexArray = self._number_words(lines)
            order = first_order(max(len(MARKS), int(where.max(initial=0)) + 1))
        else:
            shape = (len(self._orders[-1]), len(self._orders[0]))
            indptr, indices, where = group_many(rows, columns, shape)
            order = Order(indptr, indices)
            if len(indices) != len(rows):
                raise self._error(int(lines[first_repeated(where)]), f"the same {k}-gram stands in the file twice")
        # Every word has a unigram, the marks that the file leaves out as well.
        own_probs, own_backoffs = (
            np.full(len(order), -np.inf, float_dtype(self._precision)),
            np.zeros(len(order), float_dtype(self._precision)),
        )
        own_probs[where], own_backoffs[where] = probs, backoffs
        if k == 1:
            own_probs[BOS] = -np.inf  # never predicted, whatever stands there
        self._orders.append(order)
        if k > 1:
            self._cells.append(CellIndex(order.indptr, order.indices, len(self._orders[0])))
        self._log10_probs.append(own_probs)
        self._log10_backoffs.append(own_backoffs)

    def _parse_comment(self, text: bytes, line: int) -> Origin:
        """What lmkit's own comment line says."""
        try:
            return parse_comment(text)
        except ValueError as error:
            raise DataError(
                f"{self._source}:{line}: {error}.",
                "Upgrade lmkit; or take the line out, and the model is read like that of another tool.",
            ) from None

    def _error(self, line: int, problem: str) -> DataError:
        return damaged(self._source, line, problem)


def parse_comment(text: bytes) -> Origin:
    """What lmkit wrote after COMMENT. ValueError if that is damaged or of a newer lmkit."""
    try:
        return Origin.from_dict(parse_json(text.decode()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError):
        raise ValueError(
            f"the line that begins with {COMMENT.decode().strip()!r} is damaged, or of a newer lmkit than {__version__}"
        ) from None


def is_closed(origin: Origin, unk_is_listed: bool, unk_log10_prob: float) -> bool:
    """Whether <unk> is no event in an ARPA file: it is not listed, or only because n-grams of a closed vocabulary have it."""
    return not unk_is_listed or (origin.closed and unk_log10_prob == -np.inf)


def first_repeated(groups: IndexArray) -> int:
    """The first place (of those in groups) whose group stands at an earlier place."""
    firsts = np.full(int(groups.max()) + 1, len(groups))
    np.minimum.at(firsts, groups, np.arange(len(groups)))
    return int(np.flatnonzero(firsts[groups] != np.arange(len(groups)))[0])
