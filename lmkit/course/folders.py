"""Where the texts and the chapters are that come with lmkit: beside the code in an installed wheel, in a clone where people read them."""

import shutil
from pathlib import Path

from lmkit.text.bundled import CHECKED_OUT, PACKAGED, corpora_folder, folder_with


def pages_folder() -> Path:
    """The folder of the chapters, which has one for each language; DataError if the installation lacks it."""
    return folder_with("en/index.md", PACKAGED / "course" / "shipped", CHECKED_OUT / "docs" / "course")


def copy_texts(folder: str | Path) -> None:
    """Copy the bundled texts to `corpora` in a folder, where the commands of the course look for them."""
    shutil.copytree(corpora_folder(), Path(folder) / "corpora", dirs_exist_ok=True)
