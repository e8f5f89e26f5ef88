"""--classes: a file that says which words are in a class, for counts by class, and for a model of another tool whose words are classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.classes.counting import Unclassed
from lmkit.classes.files.forms import ClassFormat
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.classes.model import ClassCounts
    from lmkit.classes.word_classes import WordClasses
    from lmkit.ngrams.counting.counts import NgramCounts

Format = Annotated[
    ClassFormat,
    Option("--class-format", help="How the file of --classes is written; auto: by what all its lines have in common."),
]
OfModel = Annotated[
    str | None,
    Option(
        "--classes",
        metavar="FILE",
        help="The words of MODEL, an ARPA file of SRILM's, say, are classes: the words of each and p(word | class), as in SRILM's class files.",
    ),
]


@dataclass(repr=False, eq=False)
class CountingClasses(shared.Counting):
    """How text is read and counted, and in which classes its words are."""

    classes: Annotated[
        str | None,
        Option(metavar="FILE", help="Count classes of words: a file with the class of each, of any tool."),
    ] = None
    class_format: Format = "auto"
    unclassed: Annotated[
        Unclassed,
        Option(help="With --classes: what words of the text without a class are: <unk>, or each a class of its own."),
    ] = "unk"
    class_add: Annotated[
        float,
        Option(
            metavar="A",
            help="With --classes: add A to the count of each word in p(word | class); words that the text lacks are known then [default: 0].",
            min=0,
            show_default=False,
        ),
    ] = 0.0

    def check_classes(self) -> None:
        """UsageError for options of classes where there are none."""
        told = {
            "--class-format": self.class_format != "auto",
            "--unclassed": self.unclassed != "unk",
            "--class-add": self.class_add != 0.0,
        }
        given = [name for name, is_given in told.items() if is_given]
        if given and self.classes is None:
            raise UsageError(
                f"{', '.join(given)}: they say how words are classed, and there are no classes.", "Add --classes FILE."
            )

    def by_class(self, counts: "NgramCounts", classes: "WordClasses") -> "ClassCounts":
        """The counts by class."""
        from lmkit.classes.counting import class_counts

        return class_counts(counts, classes, unclassed=self.unclassed, add=self.class_add, resources=self.resources())


def read(path: str, class_format: ClassFormat) -> "WordClasses":
    """The classes in a file. UsageError for standard input."""
    from lmkit.classes.files.reading import read_classes

    if path == "-":
        raise UsageError("--classes needs a file: standard input is for the text, or the model.")
    return read_classes(path, class_format)


def around(model: Any, path: str | None, class_format: ClassFormat) -> Any:
    """The class model of a model whose words are classes, if a file says which words these are; the model itself if there is none."""
    from lmkit.classes.pairs import with_classes

    if path is None:
        if class_format != "auto":
            raise UsageError("--class-format says how the file of --classes is written, and there is none.")
        return model
    return with_classes(model, read(path, class_format))
