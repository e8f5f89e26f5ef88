"""Where a text repeats another: for each token of a test text the longest match, of any length, in a training text."""

import os
import warnings

from lmkit.engine.resources import Resources
from lmkit.errors import MatchesWarning, UsageError
from lmkit.matching.found import Matches
from lmkit.matching.parts import match
from lmkit.matching.text import Stretches, store
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Place, Texts, names_of, source_name, sources, status_of
from lmkit.text.vocabulary import WordNumbering


def matches(
    train: Texts,
    test: Texts,
    *,
    across_lines: bool = False,
    records: bool = False,
    id_field: str | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> Matches:
    """The longest match in the training texts that ends in each token of the test texts.

    across_lines: matches run over ends of lines and sentences, within a record, or a file of plain text; else each is of one sentence.
    records: records are told apart; id_field: the field that names them. Words are compared as the settings make them; <unk>, where the
    settings keep it, matches nothing. DataError for texts that cannot be read, or have no sentence; MatchesWarning for a file that is
    read as both.

    >>> found = lmkit.matches("train.txt", "test.txt")
    >>> found.lengths, found.counts, found.covered(13).mean()
    """
    warn_of_same(train, test)
    how = settings or TextSettings()
    tested = Stretches(how, reading, across_lines, records, id_field)
    numbering = WordNumbering()
    test_text = store(test, tested, numbering, resources)
    words = numbering.vocabulary()
    # Words that the test text lacks match nothing: all of them are unknown.
    trained = Stretches(how, reading, across_lines)
    train_text = store(train, trained, WordNumbering(words), resources)
    found = match(train_text, test_text, len(words), resources)
    return Matches(
        words,
        *(found.ids, found.lengths, found.counts, found.places),
        test_lines=test_text.lines_by_word(),
        train_lines=train_text.lines(),
        train_tokens=train_text.words,
        records=test_text.records() if records else None,
        settings=how,
        across_lines=across_lines,
    )


def warn_of_same(train: Texts, test: Texts) -> None:
    """MatchesWarning for files that are in both. UsageError where both are standard input."""
    known = {identity(text.source) for text in sources(train)}
    both = [source_name(text) for text in sources(test) if identity(text.source) in known]
    if "<stdin>" in both:
        raise UsageError("both texts would be read from standard input.", "Name a file for one of them.")
    if both:
        warnings.warn(
            f"{names_of(both)} is read both as training and as test text, and matches itself.",
            MatchesWarning,
            stacklevel=3,
        )


def identity(place: Place) -> object:
    """What two names of one file have in common."""
    if isinstance(place, str | os.PathLike) and (found := status_of(place)) is not None:
        return found.st_dev, found.st_ino
    return place
