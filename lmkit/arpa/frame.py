r"""What stands around the n-grams of an ARPA file that may be damaged: comments, \data\, the numbers of n-grams, \end\."""

import re
from collections.abc import Mapping

import numpy as np

from lmkit.arpa.lines import encoding_fault
from lmkit.arpa.writing import COMMENT
from lmkit.engine.files.tensors import parse_json
from lmkit.errors import UsageError
from lmkit.ngrams.files.origin import Origin
from lmkit.problems import Problems, quoted
from lmkit.version import __version__

COUNT = re.compile(rb"ngram\s+(\d{1,3})\s*=\s*(\d{1,15})\s*")
COMMENT_FAULT = "comment"  # the kind of problem that lmkit's own comment line may have
PLAIN_COUNT = re.compile(rb"ngram \d+=\d+\r?")


class ArpaFrame:
    """Reads the lines of an ARPA file that are no n-grams."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.origin: Origin | None = None  # in lmkit's own comment line
        self.sizes: dict[int, tuple[int, int]] = {}  # length -> n-grams announced, line
        self._blank_before = False  # whether the last line of \data\ was blank
        self._before: list[int] = []  # lines before \data\ that are no comments
        self._after = (0, 0)  # lines after \end\, and the first of them

    def read_line(self, section: str, text: bytes, line: int) -> None:
        """Take in a line of a section: start, data, end or skipped."""
        if section == "end":
            if text.strip():
                self._after = self._after[0] + 1, self._after[1] or line
            return
        fault = encoding_fault(text)
        if fault:
            self._problems.add("error", "encoding", fault, line)
        elif section == "start" and text.startswith(COMMENT + b"{"):
            self._read_comment(text[len(COMMENT) :], line)
        elif section == "start" and text.strip() and not text.startswith(b"#"):
            self._before.append(line)
        elif section == "data":
            if text.strip():
                self._read_size(text, line)
            self._blank_before = not text.strip()

    def end_of_data(self, header: str, line: int) -> None:
        r"""Take in that the section of the 1-grams begins right after \data\."""
        if not self._blank_before:
            text = f"no blank line stands between the numbers of n-grams and {header}; KenLM refuses that"
            self._problems.add("warning", "layout", text, line)

    def tell(self, lines: Mapping[int, int]) -> None:
        """Tell what only the end of the file shows. lines: of the section of each length."""
        problems = self._problems
        if not self.sizes and not lines:
            problems.add("error", "section", "the file has no n-grams")
        for k, (size, line) in self.sizes.items():
            if k not in lines:
                problems.add("error", "section", f"{k}-grams are announced, and there is no \\{k}-grams:", line)
            elif size != lines[k]:
                text = f"{size:,} {k}-grams are announced, and there are {lines[k]:,}"
                problems.add("error", "header-count", text, line)
        if self._before:
            text = (
                f"{in_lines(len(self._before))} of text before \\data\\ that is no comment with #; KenLM refuses that"
            )
            problems.add("warning", "preamble", text, self._before[0])
        if self._after[0]:
            text = f"{in_lines(self._after[0])} of text after \\end\\, which is not read; KenLM refuses that"
            problems.add("warning", "after-end", text, self._after[1])

    def _read_comment(self, text: bytes, line: int) -> None:
        """Take the settings from lmkit's own comment line."""
        try:
            self.origin = parse_comment(text)
        except ValueError as error:
            self._problems.add("error", COMMENT_FAULT, str(error), line)

    def _read_size(self, text: bytes, line: int) -> None:
        """Take the number of n-grams of one length."""
        if self._blank_before:
            message = "a blank line stands before a number of n-grams; KenLM refuses that"
            self._problems.add("warning", "layout", message, line)
        match = COUNT.fullmatch(text.strip())
        expected = len(self.sizes) + 1
        if match is None or int(match[1]) != expected:
            self._problems.add("error", "header", f"expected 'ngram {expected}=…', found {quoted(text)}", line)
        elif not PLAIN_COUNT.fullmatch(text):
            self._problems.add("warning", "white-space", f"odd white space in {quoted(text)}", line)
        if match is not None and int(match[1]) not in self.sizes:
            self.sizes[int(match[1])] = int(match[2]), line


def parse_comment(text: bytes) -> Origin:
    """What lmkit wrote after COMMENT. ValueError if that is damaged, of a newer lmkit, or cannot be true of an ARPA file."""
    name = f"the line that begins with {COMMENT.decode().strip()!r}"
    try:
        origin = Origin.from_dict(parse_json(text.decode()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError):
        raise ValueError(f"{name} is damaged, or of a newer lmkit than {__version__}") from None
    if origin.traits.full_histories_only:
        raise ValueError(f"{name} says that no history is backed off to, and ARPA files hold backoff models only")
    return origin


def is_closed(origin: Origin, unk_is_listed: bool, unk_log10_prob: float) -> bool:
    """Whether <unk> is no event in an ARPA file: it is not listed, or only because n-grams of a closed vocabulary have it."""
    return not unk_is_listed or (origin.closed and unk_log10_prob == -np.inf)


def in_lines(number: int) -> str:
    """A number of lines in words."""
    return "1 line" if number == 1 else f"{number:,} lines"
