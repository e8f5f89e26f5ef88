"""Where shards lie: folders here, and folders elsewhere, by their names."""

import os
from pathlib import Path

from lmkit.engine.remote.names import WEB, is_remote, options_in, scheme_of

SUFFIX = ".lmkit"
MANIFEST = "manifest.json"


def is_folder_of_shards(place: object) -> bool:
    """Whether this names a folder of shards: here, one that has a manifest, or that is called so; elsewhere, by its name alone."""
    if not isinstance(place, str | os.PathLike):
        return False
    if is_remote(place):
        path, _ = split(os.fspath(place))
        return path.lower().endswith(SUFFIX)
    path = os.path.abspath(place)  # noqa: PTH100 (a slash at the end is dropped, and links stay)
    is_one = path.lower().endswith(SUFFIX) or os.path.isfile(os.path.join(path, MANIFEST))  # noqa: PTH113, PTH118 (no errors for what cannot be seen)
    return os.path.isdir(path) and is_one  # noqa: PTH112 (as above)


def standing_for(place: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The file by which a model is known again: of shards, their manifest, which has the digests of all; else the file itself."""
    return within(place, MANIFEST) if is_folder_of_shards(place) else place


def within(folder: str | os.PathLike[str], file: str) -> str | Path:
    """A file in a folder of shards."""
    if not is_remote(folder):
        return Path(folder, file)
    path, options = split(os.fspath(folder))
    return f"{path}/{file}{options}"


def split(name: str) -> tuple[str, str]:
    """The name of a folder elsewhere without the options or signature behind it, and these with the ? before them."""
    if scheme_of(name) in WEB:
        path, mark, query = name.partition("?")
        return path.rstrip("/"), mark + query
    options = options_in(name)
    return name.removesuffix(options).rstrip("/"), options
