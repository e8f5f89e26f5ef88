"""Options of what counts words that stand near each other, or takes the matrix of such counts."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.vectors.word_matrix import WordMatrix

WORK = ("quiet", "workers", "memory", "tmp")  # options of how work is done, whatever is read

MatrixOrTexts = Annotated[
    list[str] | None,
    Argument(
        metavar="[X.npz | FILE...]",
        help="A matrix that `lmkit cooc` wrote, or text to count it from: whatever other commands read; - or none: standard input.",
    ),
]


@dataclass(repr=False, eq=False)
class Windows:
    """What stands near each other."""

    window: Annotated[int | None, Option(metavar="W", help="Words on each side [default: 5].", min=1)] = None
    weighting: Annotated[
        Literal["distance", "flat"] | None, Option(help="A pair at distance d counts 1/d, or 1 [default: distance].")
    ] = None
    directed: Annotated[
        bool, Option("--directed", help="Row: the word on the left. Otherwise pairs count both ways.")
    ] = False


@dataclass(repr=False, eq=False)
class Cooccurring(shared.Counting, Windows):
    """How text is read, and its pairs of words are counted."""

    def counted(self, files: list[str] | None) -> "WordMatrix":
        """The counts of pairs of words of the texts."""
        from lmkit.cli.output.progress_bar import progress
        from lmkit.text.ids.stored import encode_text
        from lmkit.vectors.cooccurrence import cooccurrence

        given: dict[str, Any] = {"window": self.window, "weighting": self.weighting}
        texts = self.texts(files)
        with progress(self.quiet, texts):
            return cooccurrence(
                encode_text(texts, **self.for_counting()),
                directed=self.directed,
                resources=self.resources(),
                **{name: value for name, value in given.items() if value is not None},
            )


@dataclass(repr=False, eq=False)
class MatrixSource(Cooccurring):
    """How a matrix is counted from text, where it is not given."""

    def matrix_of(self, files: list[str] | None) -> "WordMatrix":
        """The matrix of a file, or counted from texts. UsageError for options of text beside a matrix, and for more files than that."""
        from lmkit.vectors.files.matrices import holds_matrix, load_matrix

        held = [file for file in files or [] if file != "-" and holds_matrix(file)]
        if not held:
            return self.counted(files)
        if len(files or []) > 1:
            raise UsageError(
                f"{held[0]} is a matrix, and {len(files or []) - 1} more files were given.",
                "Give one matrix, or texts.",
            )
        told = [
            f"--{field.name.replace('_', '-')}"
            for field in fields(Cooccurring)
            if field.name not in WORK and getattr(self, field.name) != field.default
        ]
        if told:
            raise UsageError(
                f"{', '.join(told)}: how text is read and counted, and {held[0]} has been counted already.",
                "Leave it out, or give the text.",
            )
        return load_matrix(held[0])
