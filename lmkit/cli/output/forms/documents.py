"""Tables that people read: on a terminal, in Markdown, in LaTeX. Numbers are rounded to what is significant."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence

from lmkit.cli.output import rendering
from lmkit.cli.output.forms.protocol import Cells, TableWriter
from lmkit.cli.output.forms.rounding import texts_of
from lmkit.cli.output.terminal.tables import Layout
from lmkit.escaping import visible

Column = tuple[list[str], bool]  # the texts of its cells, and whether all are numbers, which stand to the right


class Document(TableWriter):
    """A table of texts."""

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        self._names = [visible(name) for name in names]
        self._is_first = True

    def prepared(self, columns: Sequence[Cells]) -> list[Column]:
        """See `TableWriter`."""
        return [(list(map(visible, texts)), is_number) for texts, is_number in map(texts_of, columns)]

    def put(self, prepared: list[Column]) -> None:
        """See `TableWriter`."""
        self._show(prepared)
        self._is_first = False

    def end(self) -> None:
        """See `TableWriter`: of a table without rows, there is its header."""
        if self._is_first:
            self._show([([], False) for _ in self._names])

    @abstractmethod
    def _show(self, columns: Sequence[Column]) -> None:
        """Write a block, behind the header if it is the first one."""


class Aligned(Document):
    """Columns that fit the terminal (see `Layout`); numbers stand to the right."""

    def begin(self, names: Sequence[str]) -> None:
        """See `TableWriter`."""
        super().begin(names)
        self._layout = Layout(len(names))

    def _show(self, columns: Sequence[Column]) -> None:
        cells = [
            [*([name] if self._is_first else []), *texts] for name, (texts, _) in zip(self._names, columns, strict=True)
        ]
        rendering.write_lines(self._layout.lines(cells, [is_number for _, is_number in columns]))


class Markdown(Document):
    """A table as GitHub and pandoc read it."""

    def _show(self, columns: Sequence[Column]) -> None:
        rendering.write_text(markdown_lines(self._names if self._is_first else None, columns).encode())


class Latex(Document):
    r"""A `tabular` with the rules of the package booktabs, to stand in a table or in the text."""

    def _show(self, columns: Sequence[Column]) -> None:
        lines = []
        if self._is_first:
            places = "".join("r" if is_number else "l" for _, is_number in columns)
            lines += [f"\\begin{{tabular}}{{{places}}}", "\\toprule", row_of(map_latex(self._names)), "\\midrule"]
        lines += [row_of(map_latex(row)) for row in zip(*(texts for texts, _ in columns), strict=True)]
        rendering.write_lines(lines)

    def end(self) -> None:
        """See `TableWriter`."""
        super().end()
        rendering.write_text(b"\\bottomrule\n\\end{tabular}\n")


def markdown_lines(names: Sequence[str] | None, columns: Sequence[Column]) -> str:
    """The rows of a table of Markdown, below its header, if they are the first."""
    lines: list[Iterable[str]] = []
    if names is not None:
        lines += [map(markdown_of, names), ["---:" if is_number else "---" for _, is_number in columns]]
    lines += [map(markdown_of, row) for row in zip(*(texts for texts, _ in columns), strict=True)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


MARKDOWN = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])|[&<>]|^ | $|(?<= ) ")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", " ": "&#32;"}


def markdown_of(text: str) -> str:
    """A text as a cell of Markdown: it looks as it is, and is neither markup nor formula."""
    return MARKDOWN.sub(lambda found: ENTITIES.get(found[0]) or f"\\{found[0]}", text)


LATEX: dict[str, str] = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\char34{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}", "-": "-{}", ",": ",{}", "[": "{[}", "*": "{*}",
    " ": r"\ ", **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}  # fmt: skip
IN_LATEX = re.compile(
    r"[\\~^<>|\"`'&%$#_{}]|-(?=-)|,(?=,)|^[\[*]|^ | $|(?<= ) "
)  # ligatures, and what \\ would take for an option of its own


def latex_of(text: str) -> str:
    """A text as LaTeX sets it as it is, in all encodings of fonts."""
    return IN_LATEX.sub(lambda found: LATEX[found[0]], text)


def map_latex(texts: Sequence[str]) -> list[str]:
    """All of them."""
    return [latex_of(text) for text in texts]


def row_of(cells: Sequence[str]) -> str:
    """A row of a tabular."""
    return " & ".join(cells) + r" \\"
