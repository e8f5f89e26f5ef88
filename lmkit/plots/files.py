"""Plots as files: pictures, pages and data, whole or not at all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from typing import Any, BinaryIO

from lmkit.engine.files.output_formats import FilePath, checked_output, suffixes
from lmkit.plots import data
from lmkit.plots.attention.page import attention_page
from lmkit.plots.attention.picture import write_attention_picture
from lmkit.plots.attention.view import AttentionView
from lmkit.plots.curves.picture import write_picture
from lmkit.plots.heat.heat_map import HeatMap
from lmkit.plots.heat.picture import write_heat
from lmkit.plots.neural.paths import Paths
from lmkit.plots.neural.paths_picture import write_paths_picture
from lmkit.plots.plot import Plot
from lmkit.plots.surprisal import data as surprisal_data
from lmkit.plots.surprisal.bars import write_bars
from lmkit.plots.surprisal.page import surprisal_page
from lmkit.plots.surprisal.view import View
from lmkit.plots.vectors.page import map_page
from lmkit.plots.vectors.picture import write_map
from lmkit.plots.vectors.word_map import WordMap
from lmkit.scoring.surprisal import Surprisal

PAGE, JSON, TABLE = ".html", ".json", ".tsv"
PICTURES = suffixes("plot picture")


def save_plot(plot: Plot, path: FilePath) -> None:
    """Write a plot: a picture (.svg .png .pdf), or its data (.tsv .json)."""
    checked_output(path, "plot picture", "plot data").write(plot)


def write_plot(plot: Plot, stream: BinaryIO, extension: str) -> None:
    """Write a plot into a stream, as the extension says."""
    if extension in PICTURES:
        write_picture(plot, stream, extension)
    else:
        stream.write((data.as_json if extension == JSON else data.as_tsv)(plot).encode())


def save_word_map(word_map: WordMap, path: FilePath) -> None:
    """Write a map of words: a page (.html), a picture (.svg .png .pdf), or its data (.tsv .json)."""
    output = checked_output(path, "word map page", "word map picture", "plot data")
    output.write(word_map.plot() if output.kind == "plot data" else word_map)


def write_word_map(word_map: WordMap, stream: BinaryIO, extension: str) -> None:
    """Write a map of words into a stream, as the extension says."""
    if extension == PAGE:
        stream.writelines(text.encode() for text in map_page(word_map))
    else:
        write_map(word_map, stream, extension)


def save_heat_map(heat_map: HeatMap, path: FilePath) -> None:
    """Write a heat map: a picture (.svg .png .pdf), or its data (.tsv .json)."""
    output = checked_output(path, "heat map picture", "plot data")
    output.write(heat_map.plot() if output.kind == "plot data" else heat_map)


def write_heat_map(heat_map: HeatMap, stream: BinaryIO, extension: str) -> None:
    """Write a heat map into a stream, as the extension says."""
    write_heat(heat_map, stream, extension)


def save_paths(paths: Paths, path: FilePath) -> None:
    """Write paths of optimizers: a picture (.svg .png .pdf), or their points (.tsv .json)."""
    output = checked_output(path, "paths picture", "plot data")
    output.write(paths.plot() if output.kind == "plot data" else paths)


def write_paths(paths: Paths, stream: BinaryIO, extension: str) -> None:
    """Write paths of optimizers into a stream, as the extension says."""
    write_paths_picture(paths, stream, extension)


def save_attention(view: AttentionView, path: FilePath) -> None:
    """Write the attention of a sentence: a page (.html), or a picture (.svg .png .pdf)."""
    checked_output(path, "attention page", "attention picture").write(view)


def write_attention(view: AttentionView, stream: BinaryIO, extension: str) -> None:
    """Write the attention of a sentence into a stream, as the extension says."""
    if extension == PAGE:
        stream.writelines(text.encode() for text in attention_page(view))
    else:
        write_attention_picture(view, stream, extension)


WRITERS: dict[type, Callable[[Any, BinaryIO, str], None]] = {
    Plot: write_plot,
    WordMap: write_word_map,
    HeatMap: write_heat_map,
    Paths: write_paths,
    AttentionView: write_attention,
}


def svg_of(value: object) -> str | None:
    """A value as an SVG picture; None where matplotlib, which draws it, is not installed."""
    if find_spec("matplotlib") is None:
        return None
    stream = BytesIO()
    WRITERS[type(value)](value, stream, ".svg")
    return stream.getvalue().decode()


@dataclass(frozen=True, eq=False)
class ShownSurprisal:
    """The surprisal of a text, given in blocks, and how it is shown."""

    found: Iterable[Surprisal]
    view: View


def save_surprisal(found: Iterable[Surprisal], view: View, path: FilePath) -> None:
    """Write the surprisal of a text: a page (.html), a picture of bars (.svg .png .pdf), or data (.tsv .json)."""
    checked_output(path, "surprisal page", "surprisal picture", "surprisal data").write(ShownSurprisal(found, view))


def write_surprisal(shown: ShownSurprisal, stream: BinaryIO, extension: str) -> None:
    """Write the surprisal of a text into a stream, as the extension says."""
    found, view = shown.found, shown.view
    sentences = (sentence for block in found for sentence in block.sentences())
    if extension in PICTURES:
        write_bars(list(sentences), view, stream, extension)
    elif extension == TABLE:
        stream.writelines(surprisal_data.as_tsv(found, with_line=True, signature=view.signature))
    else:
        pages = surprisal_page(sentences, view) if extension == PAGE else surprisal_data.as_json(sentences, view)
        stream.writelines(text.encode() for text in pages)
