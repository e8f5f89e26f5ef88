"""Names of files elsewhere, such as s3://bucket/file: what they are called, and how they are shown without what is secret in them."""

import os
import re
from pathlib import Path, PurePath
from typing import Self

from lmkit.errors import DataError

STORES = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs")  # which Arrow opens
WEB = ("http", "https")
HUB = "hf"
LISTED = "s3://, gs://, abfs://, hdfs://, https://, http:// and hf://"
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # of two letters or more: C:// is a drive
COLLAPSED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")  # what pathlib makes of it
QUERY = re.compile(r"\?(?:[A-Za-z_]+=[^?&]*&?)+\Z")  # of a store: options of Arrow; any other ? stands for a character
NAMES_CONTAINER = ("abfs", "abfss", "gs", "gcs")  # where what comes before @ is no secret


class NotThereError(DataError):
    """A file elsewhere that is not there."""


class FoundName(str):
    """The name of a file that was found in a folder: it is neither a folder nor a pattern, and what follows a ? in its key is no option."""

    __slots__ = ("options",)
    options: str

    def __new__(cls, name: str, options: str = "") -> Self:
        """options: what the name ends with, after ?, with it."""
        found = super().__new__(cls, name)
        found.options = options
        return found


def options_in(name: str) -> str:
    """The options of Arrow at the end of the name of a file in a store, with the ? before them; empty if there are none."""
    if isinstance(name, FoundName):
        return name.options
    found = QUERY.search(name)
    return found[0] if found else ""


def is_remote(place: object) -> bool:
    """Whether this names a file elsewhere, of a scheme that is known or not. A file here of this very name comes first."""
    return isinstance(place, str) and SCHEME.match(place) is not None and not os.path.lexists(place)


def scheme_of(name: str) -> str:
    """The scheme of a name; DataError for one that lmkit does not read."""
    found = SCHEME.match(name)
    scheme = found[1].lower() if found else ""
    if scheme in (*STORES, *WEB, HUB):
        return scheme
    from difflib import get_close_matches

    near = "" if scheme == "file" else next(iter(get_close_matches(scheme, (*STORES, *WEB, HUB), 1, 0.5)), "")
    if scheme == "file":
        remedy = "Name it by its path, without file://."
    else:
        remedy = (f"Did you mean {near}://? " if near else "") + f"What is known: {LISTED}."
    raise DataError(f"cannot read {shown(name)}: lmkit knows no {scheme}://.", remedy)


def shown(name: str) -> str:
    """The name as messages have it: without users, passwords, and the options or signature after a ?."""
    found = SCHEME.match(name)
    if found is None:
        return name
    scheme = found[1].lower()
    path = name[found.end() :]
    if scheme in WEB:
        path = path.partition("?")[0].partition("#")[0]
    elif scheme != HUB:
        path = path.removesuffix(options_in(name))
    host, slash, rest = path.partition("/")
    user, at, server = host.rpartition("@")
    if at and scheme != HUB:
        kept = user.partition(":")[0] if scheme in NAMES_CONTAINER else ""
        host = f"{kept}@{server}" if kept else server
    return found[0] + host + slash + rest


def place_from(folder: str | os.PathLike[str], path: str) -> str:
    """A path that is relative to a folder; one elsewhere is not relative to any."""
    return path if is_remote(path) else str(Path(folder, path))


def advice_on_collapsed(place: os.PathLike[str]) -> str:
    """What to do about a name elsewhere that went through pathlib, which makes one / of two; else empty."""
    if isinstance(place, PurePath) and COLLAPSED.match(place.as_posix()):
        return "It names a file elsewhere: give it as a str, as a Path has one / in the place of two."
    return ""
