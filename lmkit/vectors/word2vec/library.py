"""gensim, which trains at the speed of C; it is an extra."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lmkit.errors import DataError

LEAST_VERSION = (4, 4)
FIRST_PYTHON_WITHOUT = (3, 14)  # where pip finds nothing newer than a release of 2014, which does not run
INSTALL = "Install it with: pip install 'lmkit[word2vec]'."
INSTEAD = "Without it, `lmkit vectors svd` and `lmkit vectors glove` make vectors of the same text."


def import_gensim() -> Any:
    """The module of gensim that trains Word2Vec. DataError where gensim is missing, too old, or cannot be."""
    found = installed_version()
    if found is None or numbers_of(found) < LEAST_VERSION:
        raise missing(found, sys.version_info[:2])
    try:
        from gensim.models import word2vec
    except ImportError as error:
        raise DataError(
            f"Word2Vec is trained by gensim, and gensim {found} does not start: {error}.", f"{INSTALL} {INSTEAD}"
        ) from None
    return word2vec


def installed_version() -> str | None:
    """The version of gensim that is installed, if one is."""
    try:
        return version("gensim")
    except PackageNotFoundError:
        return None


def numbers_of(version_text: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    return tuple(int(part) if part.isdigit() else 0 for part in version_text.split(".")[:2])


def missing(found: str | None, python: tuple[int, int]) -> DataError:
    """The error where there is no gensim, or one of an old version, on this Python."""
    least = ".".join(map(str, LEAST_VERSION))
    state = "is not installed" if found is None else f"is of version {found}; {least} or later is needed"
    if python >= FIRST_PYTHON_WITHOUT:
        newest = ".".join(map(str, (FIRST_PYTHON_WITHOUT[0], FIRST_PYTHON_WITHOUT[1] - 1)))
        remedy = (
            f"There is no such gensim for Python {python[0]}.{python[1]}: use Python {newest} or earlier. {INSTEAD}"
        )
    else:
        remedy = f"{INSTALL} {INSTEAD}"
    return DataError(f"Word2Vec is trained by gensim, which {state}.", remedy)


@contextmanager
def silenced() -> Iterator[None]:
    """Within this block, gensim logs nothing."""
    logger = logging.getLogger("gensim")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
