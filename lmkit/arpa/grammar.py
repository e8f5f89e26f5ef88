"""Reading ARPA files, which may be damaged: all problems are told, and what can be read is put into a chain."""

import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.building import ChainBuilder, Located
from lmkit.arpa.frame import ArpaFrame, in_lines
from lmkit.arpa.lines import LenientLines, read_ngram_lines
from lmkit.arpa.parsing import NgramLines
from lmkit.engine import progress
from lmkit.engine.machine import number_of_cores
from lmkit.engine.threads import Threads
from lmkit.errors import DataError
from lmkit.ngrams.files.origin import Origin
from lmkit.ngrams.values.protocol import Precision, float_dtype
from lmkit.problems import Problems, quoted
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import Texts, source_name, sources
from lmkit.text.sources.reading import read_lines
from lmkit.text.sources.recognition import MODELS

ARPA_BLOCK_BYTES = 2 << 20
SECTION = re.compile(rb"\\(\d{1,3})\s*-?\s*grams?\s*:?", re.IGNORECASE)  # also as it should not be written


@dataclass(frozen=True, eq=False)
class ReadArpa:
    """What can be read of an ARPA file."""

    source: str
    origin: Origin | None  # what lmkit's own files say in a comment
    builder: ChainBuilder


def read_lenient(
    texts: Texts,
    problems: Problems,
    *,
    block_bytes: int = ARPA_BLOCK_BYTES,
) -> ReadArpa:
    """Read an ARPA file (any compression) as far as it can be read. DataError if it has nothing of an ARPA file."""
    with Threads(number_of_cores()) as pool:
        reader = ArpaReader(", ".join(map(source_name, sources(texts))), problems, pool)
        for block in read_lines(texts, block_bytes=block_bytes, check=False):
            progress.bytes_read(len(block.data))
            reader.read(block)
        return reader.finish()


def section_lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Where lines begin and end that start with a backslash, perhaps after white space."""
    at = data.find(b"\\")
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        if start == at or data[start:at].isspace():
            at = data.index(b"\n", at)
            yield start, at
        at = data.find(b"\\", at + 1)


class ArpaReader:
    """Reads an ARPA file block by block, the lines of each order in threads."""

    def __init__(
        self,
        source: str,
        problems: Problems,
        pool: Threads,
        precision: Precision | None = None,
        unknown_word: str | None = None,
    ) -> None:
        """precision: of the values (default: as lmkit's own comment says, else single); unknown_word: what it calls <unk>."""
        self._source, self._problems, self._pool, self._precision = source, problems, pool, precision
        self._frame = ArpaFrame(problems)
        self._builder = ChainBuilder(problems, precision or "single")
        self._builder.aliases = (*([] if unknown_word is None else [unknown_word.encode()]), *self._builder.aliases)
        self._section: str | int = "start"  # start, data, length of the n-grams, skipped, end
        self._has_data = False
        self._headers: dict[int, int] = {}  # length -> line of \k-grams:
        self._lines: dict[int, int] = {}  # length -> lines in this section that are not blank
        self._last = 0  # the last of these
        self._waiting: deque[Future[tuple[LenientLines, Located | NgramLines]]] = deque()
        self._pieces: list[Located] = []  # of the order that is being read
        self._early: dict[int, list[NgramLines]] = {}  # of orders that come before a lower one
        self._returns: list[NDArray[np.int64]] = []

    @property
    def ended(self) -> bool:
        r"""Whether \end\ was read."""
        return self._section == "end"

    def read(self, block: Block) -> None:
        """Take in the next lines."""
        data, line, position = block.data, block.first_line, 0
        for start, end in section_lines(data):
            self._read_lines(Block(data[position:start], block.source, line, block.offset + position))
            line += data.count(b"\n", position, start)
            self._read_header(data[start:end], line)
            position, line = end + 1, line + 1
        self._read_lines(Block(data[position:], block.source, line, block.offset + position))

    def finish(self) -> ReadArpa:
        """What was read, after the last block."""
        self._leave_section()
        if not (self._has_data or self._headers):
            raise DataError(
                f"{self._source}: this is not a model: no \\data\\ line of an ARPA file was found.",
                f"{MODELS} Text is first to be counted: lmkit ngram train.",
            )
        if self._section != "end":
            self._problems.add("error", "section", "there is no \\end\\ line: the file is cut short")
        for k in range(len(self._builder.chain) + 1, max(self._headers, default=0) + 1):
            self._builder.finish([self._builder.locate(read, k) for read in self._early.pop(k, [])])
        self._frame.tell(self._lines)
        if self._returns:
            number = sum(int(found[0]) for found in self._returns)
            text = f"{in_lines(number)} {'ends' if number == 1 else 'end'} with CR LF"
            self._problems.add("note", "line-ends", text, int(self._returns[0][1]))
        return ReadArpa(self._source, self._frame.origin, self._builder)

    def _read_header(self, text: bytes, line: int) -> None:
        """Handle a line that begins with a backslash."""
        name = text.strip()
        match = SECTION.fullmatch(name)
        known = match is not None or name in {b"\\data\\", b"\\end\\"}
        begins = name in {b"\\data\\", b"\\1-grams:"}
        if self._section == "end" or (self._section == "start" and not begins):
            self._frame.read_line(str(self._section), text, line)
            return
        if not known:
            message = f"{quoted(name)} is no section: these are \\data\\, \\1-grams: and so on, and \\end\\"
            self._problems.add("error", "section", message, line)
            return
        self._leave_section()
        if name != b"\\data\\" and not self._has_data and not self._headers:
            self._problems.add("error", "section", f"there is no \\data\\ line before {name.decode()}", line)
        if match is not None:
            self._enter_ngrams(int(match[1]), name, line)
        elif name == b"\\end\\":
            self._section = "end"
        elif self._has_data:
            self._problems.add("error", "section", "\\data\\ stands in the file twice", line)
            self._section = "skipped" if self._headers else "data"
        else:
            self._begin_data()
        if not text.startswith(b"\\"):
            self._problems.add("error", "section", f"white space stands before {name.decode()}", line)

    def _begin_data(self) -> None:
        r"""Handle the first \data\: all that stands before it is no part of the model."""
        if self._headers:
            first = min(self._headers.values())
            self._problems.forget_all_but("encoding")
            self._problems.add("error", "section", "\\1-grams: stands before \\data\\, and is not read", first)
            self._builder = ChainBuilder(self._problems, self._precision or "single")
            self._headers, self._lines = {}, {}
            self._pieces, self._early, self._returns = [], {}, []
        self._section, self._has_data = "data", True

    def _enter_ngrams(self, k: int, name: bytes, line: int) -> None:
        r"""Handle the header \k-grams:."""
        header = f"\\{k}-grams:"
        if name.decode() != header:
            self._problems.add("error", "section", f"{quoted(name)} stands where {header} belongs", line)
        if self._section == "data":
            self._frame.end_of_data(header, line)
        if k == 0 or k in self._headers:
            why = f"stands in the file twice, first in line {self._headers[k]}: the second one is" if k else "is"
            self._problems.add("error", "section", f"{header} {why} not read", line)
            self._section = "skipped"
            return
        longer = [other for other in self._headers if other > k]
        if longer:
            self._problems.add("error", "section", f"{header} comes after \\{longer[0]}-grams:", line)
        if self._has_data and k not in self._frame.sizes:
            self._problems.add("error", "section", f"{header} is not announced in \\data\\", line)
        if k == 1 and self._frame.origin is not None:  # the comment comes first, if there is one
            self._builder.aliases = ()
            self._builder.dtype = float_dtype(self._precision or self._frame.origin.precision)
        self._headers[k], self._lines[k] = line, 0
        self._section, self._last = k, line

    def _leave_section(self) -> None:
        """Wait for what is being read, and build the order if it is the next one."""
        while self._waiting:
            self._take(self._waiting.popleft().result())
        if self._section == len(self._builder.chain) + 1:
            self._builder.finish(self._pieces)
            self._pieces = []

    def _read_lines(self, part: Block) -> None:
        """Handle the lines between two headers."""
        section = self._section
        if isinstance(section, int):
            if part.data and not part.data.isspace():
                while len(self._waiting) > number_of_cores():
                    self._take(self._waiting.popleft().result())
                self._waiting.append(self._pool.submit(self._find_ngrams, part, section))
            return
        if not self._problems.are_collected and section != "end":
            part = checked(part, None)
        for place, text in enumerate(part.data.split(b"\n")[:-1]):
            self._frame.read_line(section, text, part.first_line + place)

    def _find_ngrams(self, part: Block, k: int) -> tuple[LenientLines, Located | NgramLines]:
        """The n-grams of a part of a section, located if the order below is there."""
        collected = self._problems.are_collected
        part = part if collected else checked(part, None)
        found = read_ngram_lines(part, k, self._builder.finder, strict=not collected)
        return found, self._builder.locate(found.read, k) if k == len(self._builder.chain) + 1 else found.read

    def _take(self, result: tuple[LenientLines, Located | NgramLines]) -> None:
        """Keep the n-grams of a part, in the order of the file, and tell what is wrong with its lines."""
        found, ngrams = result
        k = int(self._section)
        self._problems.join(found.problems)
        before = np.concatenate(([self._last], found.lines))
        blank = np.flatnonzero(np.diff(before) > 1)
        text = f"a blank line stands among the {k}-grams; KenLM refuses that"
        self._problems.add_each("warning", "blank-line", len(blank), lambda at: (int(before[blank[at]]) + 1, text))
        self._last = int(before[-1])
        self._lines[k] += len(found.lines) - found.comments
        if len(found.carriage_returns):
            self._returns.append(found.carriage_returns)
        if isinstance(ngrams, Located):
            self._pieces.append(ngrams)
        else:
            self._early.setdefault(k, []).append(ngrams)
