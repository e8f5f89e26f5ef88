"""Texts that come with lmkit: lmkit:fr.train.tok is the file of that name, wherever lmkit is installed."""

import os
from pathlib import Path

from lmkit.errors import DataError

SCHEME = "lmkit:"
PACKAGED = Path(__file__).parents[1]  # what stands beside it in an installed wheel
CHECKED_OUT = Path(__file__).parents[2]  # a clone of the repository
LEFT_OUT = "README.md"


def is_bundled(place: object) -> bool:
    """Whether this names a text that comes with lmkit."""
    return isinstance(place, str) and place.startswith(SCHEME) and not os.path.lexists(place)


def corpora_folder() -> Path:
    """The folder of the bundled texts; DataError if the installation lacks it."""
    return folder_with("toy.tok", PACKAGED / "corpora", CHECKED_OUT / "corpora")


def folder_with(file: str, *folders: Path) -> Path:
    """The first of these folders that has a file; DataError if none has."""
    for folder in folders:
        if (folder / file).is_file():
            return folder
    raise DataError("the texts that come with lmkit are missing from this installation.", "Install lmkit again.")


def bundled_names() -> list[str]:
    """The names of all texts that come with lmkit."""
    return sorted(f"{SCHEME}{file.name}" for file in corpora_folder().iterdir() if file.name != LEFT_OUT)


def bundled_file(name: str) -> str:
    """The path of a text that comes with lmkit. DataError if there is none of the name."""
    names = bundled_names()
    if name not in names:
        raise DataError(f"no text {name} comes with lmkit.", f"There are {', '.join(names)}.")
    return str(corpora_folder() / name.removeprefix(SCHEME))
