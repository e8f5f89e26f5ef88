"""The n-gram lines of ARPA files, which may be damaged: whatever can be read is read, and all that is odd is told."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmkit.arpa.parsing import (
    ROUNDING,
    Columns,
    NgramLines,
    is_number,
    split_columns,
    without_zeros,
    wrong_columns,
)
from lmkit.arpa.word_finder import WordFinder
from lmkit.ngrams.values.stored import LARGEST_BACKOFF
from lmkit.problems import Level, Problems, named, quoted
from lmkit.text.sources.blocks import ILLEGAL, Block, has_controls, is_utf8
from lmkit.text.whitespace import SPACE, TAB

NUMBER = re.compile(r"-?\d{1,3}(\.\d{0,17})?([eE]-?\d{1,2})?")  # what all readers take for a number
COMMA = re.compile(r"-?\d{1,3},\d{0,17}")
COMMENT_KIND = "comment-line"
COMMENT_LINE = re.compile(rb"^[ \t]*#", re.MULTILINE)
UNREADABLE = b"?"  # stands in for a line that is no text, or a comment


@dataclass(frozen=True, eq=False)
class LenientLines:
    """The n-gram lines of a piece of a section, as far as they can be read."""

    read: NgramLines  # NaN for probabilities that cannot be read, and where there is no backoff
    lines: NDArray[np.int64]  # (lines,) numbers of all lines that are not blank
    comments: int  # of these
    carriage_returns: NDArray[np.int64]  # (≤ 2,) how many lines end with CR LF, and the number of the first
    problems: Problems


def read_ngram_lines(part: Block, k: int, finder: WordFinder | None = None, *, strict: bool = False) -> LenientLines:
    """The lines `log10 prob, k words[, log10 backoff]` of a piece of a section, and what is wrong with them.

    finder: of the words that are known. strict: the encoding has been checked, and white space may be odd.
    """
    problems = Problems()
    data, unreadable = readable_lines(part, k, problems, strict=strict)
    returns = np.zeros(0, np.int64)
    if b"\r" in data and (number := data.count(b"\r\n")):
        returns = np.array([number, part.first_line + data.count(b"\n", 0, data.find(b"\r\n"))])
        data = data.replace(b"\r\n", b"\n")
    columns = split_columns(data)
    lines = part.first_line + columns.lines
    fits = (columns.lengths == k + 1) | (columns.lengths == k + 2)
    check_lengths(columns, lines, fits, k, unreadable, problems)
    if not strict and not (fits.all() and regular(columns, k)):
        check_white_space(data, columns.lines[fits], part.first_line, k, problems)
    lines, firsts, lengths = lines[fits], columns.firsts[fits], columns.lengths[fits]
    words = columns.words(fits, k, finder)
    log10_probs = numbers(columns, firsts, lines, problems)
    log10_backoffs = np.full(len(lines), np.nan)
    given = lengths == k + 2
    log10_backoffs[given] = numbers(columns, (firsts + k + 1)[given], lines[given], problems)
    unusable = given & ~(log10_backoffs <= LARGEST_BACKOFF)
    read = NgramLines(lines, words, log10_probs, log10_backoffs)
    check_values(read, problems)
    log10_backoffs[unusable] = 0.0
    return LenientLines(
        NgramLines(lines, words, without_zeros(np.minimum(log10_probs, 0.0)), without_zeros(log10_backoffs)),
        part.first_line + columns.lines,
        problems.of_kind(COMMENT_KIND),
        returns,
        problems,
    )


def readable_lines(part: Block, k: int, problems: Problems, *, strict: bool) -> tuple[bytes, NDArray[np.int64]]:
    """The data with a mark in place of each line that is no text or a comment, and the numbers of these lines."""
    data = part.data
    if (strict or (is_utf8(data) and not has_controls(data))) and not has_comment(data):
        return data, np.zeros(0, np.int64)
    lines = data.split(b"\n")
    found = []
    for place, line in enumerate(lines):
        fault = encoding_fault(line)
        if fault:
            problems.add("error", "encoding", fault, part.first_line + place)
        elif has_comment(line):
            text = f"{quoted(line)} is a comment among the {k}-grams, where there are none"
            problems.add("error", COMMENT_KIND, text, part.first_line + place)
        else:
            continue
        lines[place] = UNREADABLE
        found.append(part.first_line + place)
    return b"\n".join(lines), np.array(found, np.int64)


def has_comment(data: bytes) -> bool:
    """Whether a line begins with #, perhaps after white space: no probability does."""
    return b"#" in data and COMMENT_LINE.search(data) is not None


def encoding_fault(line: bytes) -> str:
    """What is wrong with the bytes of a line; nothing if they are text."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"invalid UTF-8 (byte 0x{line[error.start]:02x})"
    control = next((byte for byte in line if byte in ILLEGAL), None)
    return "" if control is None else f"control byte 0x{control:02x}"


def check_lengths(
    columns: Columns,
    lines: NDArray[np.int64],
    fits: NDArray[np.bool_],
    k: int,
    unreadable: NDArray[np.int64],
    problems: Problems,
) -> None:
    """Tell the lines with too few or too many columns."""
    wrong = np.flatnonzero(~fits)
    wrong = wrong[~np.isin(lines[wrong], unreadable)] if len(unreadable) else wrong
    problems.add_each(
        "error",
        "columns",
        len(wrong),
        lambda place: (int(lines[wrong[place]]), wrong_columns(k, int(columns.lengths[wrong[place]]))),
    )


def regular(columns: Columns, k: int) -> bool:
    """Whether the columns of all lines are separated as they should be; the lines must have as many as they should."""
    blank_lines = columns.text.count(b"\n") - len(columns.lines)
    if len(columns.ends) + blank_lines != columns.separators:
        return False  # there are separators beside each other
    after = np.frombuffer(columns.text, np.uint8).take(columns.ends)
    with_backoff = (columns.firsts + k)[columns.lengths == k + 2]
    return bool(
        (after.take(columns.firsts) == TAB).all()
        and (after.take(with_backoff) == TAB).all()
        and np.count_nonzero(after == SPACE) == (k - 1) * len(columns.firsts)
    )


def check_white_space(data: bytes, places: NDArray[np.int64], first_line: int, k: int, problems: Problems) -> None:
    """Tell the lines whose columns are not separated as they should be. places: of the lines to look at."""
    texts = data.split(b"\n")
    as_it_should_be = re.compile(rb"\S+\t\S+(?: \S+){%d}(?:\t\S+)?" % (k - 1))
    odd = [place for place in places.tolist() if as_it_should_be.fullmatch(texts[place]) is None]
    rule = "a TAB belongs after the probability and before the backoff, and one space between words"
    problems.add_each(
        "warning",
        "white-space",
        len(odd),
        lambda number: (first_line + odd[number], f"odd white space in {quoted(texts[odd[number]])}: {rule}"),
    )


def numbers(
    columns: Columns, places: NDArray[np.int64], lines: NDArray[np.int64], problems: Problems
) -> NDArray[np.float64]:
    """The numbers in some columns, NaN where there is none."""
    import pyarrow as pa

    try:
        values = columns.numbers(places)
    except pa.ArrowInvalid:
        numbers, distinct = columns.distinct(places)
        read = [number_in(text.decode()) for text in distinct]
        values = np.array([value for value, _ in read]).take(numbers)
        wrong = np.flatnonzero(np.array([not is_plain for _, is_plain in read]).take(numbers))
    else:
        wrong = np.flatnonzero(np.isnan(values))

    def describe(number: int) -> tuple[int, str]:
        place = wrong[number]
        text = columns.text_of(places[place])
        hint = ": decimals stand after a point, not after a comma" if COMMA.fullmatch(text.decode()) else ""
        return int(lines[place]), f"{quoted(text)} is not a number{hint}"

    problems.add_each("error", "number", len(wrong), describe)
    return values


def number_in(text: str) -> tuple[float, bool]:
    """The number that a text stands for (NaN: none), and whether it is written so that readers take it."""
    if NUMBER.fullmatch(text):
        return float(text), True
    if COMMA.fullmatch(text):
        return float(text.replace(",", ".")), False
    value = float(text) if is_number(text) else np.nan
    return value, not np.isnan(value)


def check_values(read: NgramLines, problems: Problems) -> None:
    """Tell the values that are no log10 probabilities or backoffs, and those that some readers refuse."""
    probs, backoffs = read.log10_probs, read.log10_backoffs

    def tell(level: Level, kind: str, mask: NDArray[np.bool_], values: NDArray[np.float64], text: str) -> None:
        places = np.flatnonzero(mask)

        def describe(number: int) -> tuple[int, str]:
            place = places[number]
            ngram = named(read.words.of_line(place))
            return int(read.lines[place]), text.format(value=values[place], ngram=ngram)

        problems.add_each(level, kind, len(places), describe)

    if len(probs) and np.nanmax(probs, initial=0) > 0:
        above = "the log10 probability {value:g} of {ngram} is above 0"
        tell("error", "probability", probs > ROUNDING, probs, above)
        by_rounding = (probs > 0) & (probs <= ROUNDING)
        tell("warning", "rounding", by_rounding, probs, above + " by rounding, and is taken as 0; KenLM refuses it")
    if len(probs) and np.nanmax(backoffs, initial=0) > LARGEST_BACKOFF:
        text = "the log10 backoff {value:g} of {ngram} is no weight"
        tell("error", "backoff", backoffs > LARGEST_BACKOFF, backoffs, text)
    for name, values in (("probability", probs), ("backoff", backoffs)):
        if len(values) and np.nanmin(values, initial=0) == -np.inf:
            text = (
                f"the log10 {name} {{value:g}} of {{ngram}} is infinite: some readers refuse it, and -99 stands for it"
            )
            tell("warning", "infinite", np.isneginf(values), values, text)
