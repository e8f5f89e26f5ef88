"""Names of files that may stand on a command line: by what stands for them in help, those of their kind, if there are any."""

import os
from pathlib import Path

from lmkit.engine.files.output_formats import FORMATS, Kind
from lmkit.text.bundled import SCHEME, bundled_names
from lmkit.text.sources.names import FORMATS as TABLES

FOLDER = "/"
KINDS: dict[str, tuple[Kind, ...]] = {
    "MODEL": ("model", "neural model", "recipe"),
    "SPEC": ("model", "neural model", "recipe"),
    "COUNTS": ("model",),
    "FIXED": ("model",),
    "VECTORS": ("vectors",),
    "CLASSES": ("word classes", "paths of classes"),
}
ENDS: dict[str, tuple[str, ...]] = {  # others, by what stands for them in help
    "TOKENIZER": (".json", ".model"),
    "SUITE": (".toml",),
    "SPELLER": tuple(each.suffix for each in FORMATS if "model" in each.writers),
    "FILE": (),
    "TEXT": (),
    "TRAIN": (),
    "SET": (),
    "A": (),
    "B": (),
    "X.npz": (".npz", ".txt", ".tok", ".gz", *TABLES),
}
FOLDERS = ("DIR", "FOLDER")
TEXTS = ("FILE", "TEXT", "TRAIN", "X.npz")


def file_names(metavar: str, begun: str) -> list[str]:
    """The files and folders that begin so, of the kind that stands there; none where no file does."""
    word = first_word(metavar)
    if word in FOLDERS:
        return [name for name in listed(begun) if name.endswith(FOLDER)]
    if word not in KINDS and word not in ENDS:
        return []
    ends = tuple(
        each.suffix for each in FORMATS if any(kind in each.writers for kind in KINDS.get(word, ()))
    ) or ENDS.get(word, ())
    bundled = (
        [name for name in bundled_names() if name.startswith(begun)]
        if begun and word in TEXTS and SCHEME.startswith(begun[: len(SCHEME)])
        else []
    )
    found = listed(begun)
    wanted = [name for name in found if name.endswith((*ends, FOLDER))] if ends else found
    return bundled + (wanted if any(not name.endswith(FOLDER) for name in wanted) else found)


def first_word(metavar: str) -> str:
    """What stands for a value in help, without what is said of how many there may be.

    >>> first_word("[FILE]..."), first_word("SPEC[:WEIGHT]")
    ('FILE', 'SPEC')
    """
    return metavar.strip("[]").partition(" ")[0].rstrip(".]").partition("[")[0]


def listed(begun: str) -> list[str]:
    """The files that begin so, and the folders, with a slash behind them, in order of their names."""
    folder, name = os.path.split(begun)
    try:
        with os.scandir(Path(folder).expanduser()) as entries:
            found = [each.name + FOLDER * each.is_dir() for each in entries if each.name.startswith(name)]
    except OSError:  # there is no such folder
        return []
    before = begun[: len(begun) - len(name)]
    return [before + each for each in sorted(found) if name.startswith(".") or not each.startswith(".")]
