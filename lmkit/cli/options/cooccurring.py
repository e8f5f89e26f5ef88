"""Options of what counts words that stand near each other, or takes the matrix of such counts."""

from dataclasses import dataclass, fields
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

from lmkit.cli.declared import Argument, Option
from lmkit.cli.options.sharing import SharingOut
from lmkit.errors import UsageError
from lmkit.text.sources.names import source_name
from lmkit.vectors.choices import Weighting

if TYPE_CHECKING:
    from lmkit.text.sources.names import TextFile
    from lmkit.vectors.word_matrix import WordMatrix

WORK = ("quiet", "verbose", "workers", "memory", "tmp")  # options of how work is done, whatever is read

MatrixOrTexts = Annotated[
    list[str] | None,
    Argument(
        metavar="[X.npz | FILE...]",
        help="A matrix that `lmkit cooc` wrote, or text to count it from: whatever other commands read; - or none: standard input.",
    ),
]

Alpha = Annotated[
    float | None,
    Option(
        "--context-power",
        metavar="A",
        formerly=("--alpha",),
        help="Of ppmi and pmi: counts of contexts to this power [default: 1 of cooc, 0.75 of vectors].",
    ),
]
Shift = Annotated[float | None, Option(metavar="K", help="Of ppmi: subtract log2 K [default: 1].")]


@dataclass(repr=False, eq=False)
class Windows:
    """What stands near each other."""

    window: Annotated[int | None, Option(metavar="W", help="Words on each side [default: 5].", min=1)] = None
    weighting: Annotated[
        Weighting | None, Option(help="A pair at distance d counts 1/d, or 1 [default: distance].")
    ] = None
    directed: Annotated[
        bool, Option("--directed", help="Row: the word on the left. Otherwise pairs count both ways.")
    ] = False


@dataclass(repr=False, eq=False)
class Cooccurring(SharingOut, Windows):
    """How text is read, and its pairs of words are counted, and by what."""

    def counted(self, texts: "list[TextFile]") -> "WordMatrix":
        """The counts of pairs of words of the texts."""
        from lmkit.cli.output import rendering
        from lmkit.cli.output.progress_bar import progress

        given = {"window": self.window, "weighting": self.weighting, "directed": self.directed}
        near: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        with progress(self.quiet, texts):
            rendering.workers_told(self.quiet, self.resources(), texts)
            with self.runner() as runner:
                if runner is not None:
                    from lmkit.vectors.supersteps.driver import cooccurrence_on

                    return cooccurrence_on(runner, texts, **self.for_counting(), **near)
                from lmkit.text.ids.stored import encode_text
                from lmkit.vectors.cooccurrence import cooccurrence

                text = encode_text(texts, **self.for_counting())
                return cooccurrence(text, **near, resources=self.resources())


@dataclass(repr=False, eq=False)
class MatrixSource(Cooccurring):
    """How a matrix is counted from text, where it is not given."""

    def matrix_of(self, files: list[str] | None) -> "WordMatrix":
        """The matrix of a file, or counted from texts. UsageError for options of text beside a matrix, and for more files than that."""
        self.sharing()
        from lmkit.text.sources.opening import HEAD_BYTES, Rejoined, open_source, read_bytes, read_whole
        from lmkit.vectors.files.matrices import holds_matrix, load_matrix, looks_like_matrix

        if (files or ["-"]) == ["-"]:
            self.texts(files)  # refuses a terminal
            with open_source("-") as source:
                start = read_bytes(source, HEAD_BYTES, source_name("-"))
                if not looks_like_matrix(start):
                    return self.counted([self.text(cast(BinaryIO, Rejoined(start, source, source_name("-"))))])
                self.refuse_told("standard input")
                return load_matrix(BytesIO(start + read_whole(source, source_name("-"))))
        held = [file for file in files or [] if file != "-" and holds_matrix(file)]
        if not held:
            return self.counted(self.texts(files))
        if len(files or []) > 1:
            raise UsageError(
                f"{held[0]} is a matrix, and {len(files or []) - 1} more files were given.",
                "Give one matrix, or texts.",
            )
        self.refuse_told(held[0])
        return load_matrix(held[0])

    def refuse_told(self, matrix: str) -> None:
        """UsageError for options of text beside a matrix."""
        told = [
            f"--{field.name.replace('_', '-')}"
            for field in fields(Cooccurring)
            if field.name not in WORK and getattr(self, field.name) != field.default
        ]
        if told:
            raise UsageError(
                f"{', '.join(told)}: how text is read and counted, and {matrix} has been counted already.",
                "Leave it out, or give the text.",
            )
