"""Plots as files: pictures, pages and data, whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from lmkit.errors import DataError, UsageError
from lmkit.plots import data
from lmkit.plots.curves.picture import PICTURES, import_matplotlib, write_picture
from lmkit.plots.plot import Plot
from lmkit.plots.surprisal import data as surprisal_data
from lmkit.plots.surprisal.bars import write_bars
from lmkit.plots.surprisal.page import surprisal_page
from lmkit.plots.surprisal.view import View
from lmkit.scoring.surprisal import Surprisal
from lmkit.storage import whole_file

PAGE = ".html"
JSON, TABLE = ".json", ".tsv"
FilePath = str | os.PathLike[str]


def checked_extension(path: FilePath, allowed: tuple[str, ...] = PICTURES) -> str:
    """The extension of a file to be written, in lower case: UsageError for one that is not allowed.

    DataError where the folder is missing, and, for a picture, where matplotlib is.
    """
    extension = Path(path).suffix.lower()
    if extension not in allowed:
        listed = ", ".join(allowed[:-1]) + " or " + allowed[-1]
        raise UsageError(f"{path}: lmkit cannot tell what kind of plot this is to be.", f"End the name in {listed}.")
    check_folder(path)
    if extension in PICTURES:
        import_matplotlib()
    return extension


def check_folder(path: FilePath) -> None:
    """DataError if there is no folder for a file."""
    if not Path(path).parent.is_dir():
        raise DataError(f"cannot write {path}: there is no folder {Path(path).parent}.", "Make it first.")


def save_plot(plot: Plot, path: FilePath) -> None:
    """Write a plot: a picture (.svg .png .pdf), or its data (.tsv .json)."""
    extension = checked_extension(path, (*PICTURES, TABLE, JSON))
    with whole_file(path) as stream:
        write_plot(plot, stream, extension)


def write_plot(plot: Plot, stream: BinaryIO, extension: str) -> None:
    """Write a plot into a stream, as the extension says."""
    if extension in PICTURES:
        write_picture(plot, stream, extension)
    else:
        stream.write((data.as_json if extension == JSON else data.as_tsv)(plot).encode())


def save_surprisal(found: Iterable[Surprisal], view: View, path: FilePath) -> None:
    """Write the surprisal of a text: a page (.html), a picture of bars (.svg .png .pdf), or data (.tsv .json)."""
    extension = checked_extension(path, (PAGE, *PICTURES, TABLE, JSON))
    with whole_file(path) as stream:
        write_surprisal(found, view, stream, extension)


def write_surprisal(found: Iterable[Surprisal], view: View, stream: BinaryIO, extension: str) -> None:
    """Write the surprisal of a text, given in blocks, into a stream, as the extension says."""
    sentences = (sentence for block in found for sentence in block.sentences())
    if extension in PICTURES:
        write_bars(list(sentences), view, stream, extension)
    elif extension == TABLE:
        stream.writelines(surprisal_data.as_tsv(found, with_line=True, signature=view.signature))
    else:
        pages = surprisal_page(sentences, view) if extension == PAGE else surprisal_data.as_json(sentences, view)
        stream.writelines(text.encode() for text in pages)
