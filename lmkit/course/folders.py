"""Where the texts and the chapters are that come with lmkit: beside the code in an installed wheel, in a clone where people read them."""

import shutil
from pathlib import Path

from lmkit.errors import DataError

INSTALLED = Path(__file__).parents[1]
CLONE = Path(__file__).parents[2]


def corpora_folder() -> Path:
    """The folder of the bundled texts; DataError if the installation lacks it."""
    return folder_with("toy.tok", INSTALLED / "corpora", CLONE / "corpora")


def pages_folder() -> Path:
    """The folder of the chapters, which has one for each language; DataError if the installation lacks it."""
    return folder_with("en/index.md", INSTALLED / "course" / "shipped", CLONE / "docs" / "course")


def folder_with(file: str, *folders: Path) -> Path:
    """The first of these folders that has a file; DataError if none has."""
    for folder in folders:
        if (folder / file).is_file():
            return folder
    raise DataError("the texts that come with lmkit are missing from this installation.", "Install lmkit again.")


def copy_texts(folder: str | Path) -> None:
    """Copy the bundled texts to `corpora` in a folder, where the commands of the course look for them."""
    shutil.copytree(corpora_folder(), Path(folder) / "corpora", dirs_exist_ok=True)
