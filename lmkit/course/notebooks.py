"""Chapters as Jupyter notebooks (nbformat 4.5), with what their cells print: it is what the pages show, which the tests run."""

import ast
import base64
import doctest
import json
from collections.abc import Iterable, Iterator
from typing import Any

from lmkit.course.chapters import Chapter, chapters
from lmkit.course.pages import LINK, Block, Command, blocks_of, commands_of

Cell = dict[str, Any]

BEGIN = "from lmkit.course import begin\n\nbegin()"  # what the cells read lies in the folder that this changes to
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def file_name(chapter: Chapter) -> str:
    """The name of a chapter's notebook: notebooks are listed in the order of the course."""
    return f"{chapter.number:02}-{chapter.name}.ipynb"


def notebook_of(chapter: Chapter) -> str:
    """The notebook of a chapter, as JSON."""
    names = {each.name: file_name(each) for each in chapters(chapter.language)}
    title, *blocks = blocks_of(chapter.text())
    cells = [markdown(title.text), *cells_of_code(BEGIN, [])]
    for block in blocks:
        cells += cells_of(block, chapter, names)
    numbered = number([{"id": f"cell-{place}", **cell} for place, cell in enumerate(merged(cells))])
    notebook = {"cells": numbered, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def cells_of(block: Block, chapter: Chapter, names: dict[str, str]) -> Iterable[Cell]:
    """The cells that a block becomes."""
    if block.kind == "console":
        return (cell for command in commands_of(block.text) for cell in cells_of_command(command))
    if block.kind == "python":
        return cells_of_python(block.text)
    if block.kind == "picture":
        return [picture(block, chapter)]
    text = f"**{block.text}**" if block.kind == "answer" else block.text
    return [markdown(text if block.kind == "formula" else linked(text, names))]


def linked(text: str, names: dict[str, str]) -> str:
    """Prose whose links lead to other notebooks; of those that lead out of the course, the words."""

    def link(found: Any) -> str:
        words, target = found[1], found[2]
        name = target.removesuffix(".md")
        if "://" in target:
            return str(found[0])
        return f"[{words}]({names[name]})" if name in names else words

    return LINK.sub(link, text)


def markdown(text: str) -> Cell:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": lines_of(text)}


def picture(block: Block, chapter: Chapter) -> Cell:
    """A cell with a picture in it."""
    path = chapter.page.parent / block.file
    content = {"image/svg+xml": base64.b64encode(path.read_bytes()).decode()}
    return {**markdown(f"![{block.text}](attachment:{path.name})"), "attachments": {path.name: content}}


def cells_of_command(command: Command) -> Iterator[Cell]:
    """A line of a shell as a cell."""
    source = f"%%sh\n{command.line}"  # a line behind ! is run on a terminal, with progress bars
    yield from cells_of_code(source, [stream(command.printed + "\n")] if command.printed else [])


def cells_of_python(code: str) -> Iterator[Cell]:
    """Examples as cells: one ends with what prints something."""
    sources: list[str] = []
    for example in doctest.DocTestParser().get_examples(code):
        sources.append(example.source.rstrip("\n"))
        if example.want:
            yield from cells_of_code("\n".join(sources), [printed(sources[-1], example.want)])
            sources = []
    if sources:
        yield from cells_of_code("\n".join(sources), [])


def printed(source: str, want: str) -> Cell:
    """What an example prints, or the value that it has."""
    (statement,) = ast.parse(source).body
    is_value = isinstance(statement, ast.Expr) and not ast.unparse(statement).startswith("print(")
    if not is_value:
        return stream(want)
    return {"data": {"text/plain": lines_of(want.rstrip("\n"))}, "metadata": {}, "output_type": "execute_result"}


def stream(text: str) -> Cell:
    """What goes to standard output."""
    return {"name": "stdout", "output_type": "stream", "text": lines_of(text)}


def cells_of_code(source: str, outputs: list[Cell]) -> Iterator[Cell]:
    """A cell that was run; its number comes later."""
    yield {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": outputs,
        "source": lines_of(source),
    }


def merged(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The cells, where one of text takes in those of text that follow it."""
    before: Cell | None = None
    for cell in cells:
        if before and is_plain(before) and is_plain(cell):
            before = markdown("".join([*before["source"], "\n\n", *cell["source"]]))
            continue
        if before:
            yield before
        before = cell
    if before:
        yield before


def is_plain(cell: Cell) -> bool:
    """Whether a cell has nothing but text."""
    return cell["cell_type"] == "markdown" and "attachments" not in cell


def number(cells: list[Cell]) -> list[Cell]:
    """The cells, those of code numbered as they are run, their values likewise."""
    run = 0
    for cell in cells:
        if cell["cell_type"] == "code":
            run += 1
            cell["execution_count"] = run
            for output in cell["outputs"]:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = run
    return cells


def lines_of(text: str) -> list[str]:
    """A text as notebooks hold it."""
    return text.splitlines(keepends=True)
