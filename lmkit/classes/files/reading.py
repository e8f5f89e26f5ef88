"""Reading a file of word classes, in whatever form: it is found by what all lines have in common."""

import warnings
from contextlib import suppress
from typing import get_args

import numpy as np

from lmkit.classes.files.forms import DECIMAL, FORMS, HEADER, Form, Lines, Read, Row
from lmkit.classes.files.names import ClassFormat
from lmkit.classes.word_classes import WordClasses
from lmkit.errors import DataError, ModelWarning, UsageError, VocabularyWarning
from lmkit.text.sources.names import Place, source_name
from lmkit.text.sources.opening import HEAD_BYTES
from lmkit.text.sources.reading import read_lines
from lmkit.text.sources.recognition import refuse_arpa
from lmkit.text.vocabulary import FIRST_WORD, MARKS

OFF = 1e-3  # by so much may the probabilities of a class miss 1, as they are rounded in files
SHOWN = 5  # classes in a message


def read_classes(source: Place, class_format: ClassFormat = "auto") -> WordClasses:
    """The classes in a file, compressed or not: `word class [count]` (lmkit's own, with a header; mkcls), SRILM's `CLASS [p] word`, Brown's `bits word count`.

    class_format: which of these it is; auto: by its lines. Words and classes are as they stand there, in the order of the file; the
    marks <s>, </s>, <unk> are left out of it, which a VocabularyWarning tells. A ModelWarning tells of probabilities of a class that
    don't add up to 1. DataError, with the line, for a word in two classes, a line that is not as the others are, a file without a
    word, and one that may be read in two ways.
    """
    if class_format not in get_args(ClassFormat):
        raise UsageError(
            f"the format of the classes is {class_format!r}; it must be {', '.join(get_args(ClassFormat))}."
        )
    lines = lines_of(source)
    found = recognized(lines) if class_format == "auto" else FORMS[class_format].read(lines)
    check_repeats(found, lines)
    kept = [at for at, word in enumerate(found.words) if word not in MARKS]
    if not kept:
        raise no_word(lines.name)
    if len(kept) < len(found.words):
        marks = ", ".join(word.decode() for word in found.words if word in MARKS)
        warnings.warn(f"{lines.name}: {marks}: marks have no class, and are left out.", VocabularyWarning, stacklevel=2)
        found = found.taken(kept)
    classes = WordClasses.of(found.words, found.classes, found.counts, found.probabilities)
    warn_of_sums(classes, lines.name)
    return classes


def lines_of(source: Place) -> Lines:
    """The lines of a file that are not blank. DataError for what is no text, and where there are none."""
    rows: list[Row] = []
    numbers: list[int] = []
    for block in read_lines(source):
        if not rows:
            refuse_arpa(block.data[:HEAD_BYTES], block.source)
        for number, text in enumerate(block.data.split(b"\n"), start=block.first_line):
            if row := text.split():
                rows.append(row)
                numbers.append(number)
    if not rows:
        raise no_word(source_name(source))
    return Lines(source_name(source), rows, numbers)


def recognized(lines: Lines) -> Read:
    """The words of lines in the one form that fits all of them. DataError where none does, or several do."""
    if tuple(lines.rows[0][: len(HEADER)]) == HEADER:
        return FORMS["word-class"].read(lines)
    fitting = {}
    for name, form in FORMS.items():
        with suppress(DataError):
            fitting[name] = form.read(lines)
    if not fitting:
        return likeliest(lines).read(lines)  # which says what is wrong
    # Who reads numbers as words looks at the wrong column.
    likely = {name: read for name, read in fitting.items() if not all(map(DECIMAL.fullmatch, read.words))} or fitting
    once = {name: read for name, read in likely.items() if len(set(read.words)) == len(read.words)}
    if len(once) > 1:
        ways = " or ".join(f"{FORMS[name].title} (--class-format {name})" for name in once)
        raise DataError(
            f"{lines.name} may be read in {len(once)} ways, as no word or class comes twice: as {ways}.",
            "Say which it is, or begin the file with a line `word TAB class`.",
        )
    return next(iter(once.values()), None) or max(likely.values(), key=lambda read: len(set(read.words)))


def likeliest(lines: Lines) -> Form:
    """The form in which the first line is; of lines in none, that of words and classes, or SRILM's if a phrase follows a probability."""
    first = Lines(lines.name, lines.rows[:1], lines.numbers[:1])
    for form in FORMS.values():
        with suppress(DataError):
            form.read(first)
            return form
    row = lines.rows[0]
    return FORMS["srilm" if len(row) > len(HEADER) + 1 and DECIMAL.fullmatch(row[1]) else "word-class"]


def check_repeats(found: Read, lines: Lines) -> None:
    """DataError for a word that comes twice."""
    if len(set(found.words)) == len(found.words):
        return
    places: dict[bytes, int] = {}
    for at, word in enumerate(found.words):
        before = places.setdefault(word, at)
        if before != at:
            break
    one, other = (found.classes[place].decode() for place in (before, at))
    line = lines.numbers[found.first + before]
    raise DataError(
        f"{lines.where(found.first + at)}: the word {word.decode()!r} is in the class {other}, and in {one} on line {line}."
        if one != other
        else f"{lines.where(found.first + at)}: the word {word.decode()!r} is on line {line} already.",
        "A word has one class: leave one of the lines out. If the words are in another column, say so with --class-format.",
    )


def warn_of_sums(classes: WordClasses, name: str) -> None:
    """ModelWarning if the probabilities of the words of a class don't add up to 1."""
    if classes.expansions is None:
        return
    sums = np.bincount(classes.of_words[FIRST_WORD:], classes.expansions[FIRST_WORD:], len(classes))
    off = np.flatnonzero(np.abs(sums - 1) > OFF)
    if len(off):
        listed = ", ".join(f"{classes.names[place].decode()} ({sums[place]:.4g})" for place in off[:SHOWN])
        more = f" and {len(off) - SHOWN:,} more" if len(off) > SHOWN else ""
        warnings.warn(
            ModelWarning(
                f"{name}: the probabilities of the words of a class don't add up to 1: {listed}{more}.",
                "A model made with them is no distribution.",
            ),
            stacklevel=3,
        )


def no_word(name: str) -> DataError:
    """The error for a file without a word."""
    return DataError(f"{name} holds no classes: there is no word in it.", "`lmkit classes train` makes such files.")
