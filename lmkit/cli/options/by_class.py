"""--classes: a file that says which words are in a class, for counts by class, and for a model of another tool whose words are classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.classes.choices import Unclassed
from lmkit.classes.files.names import ClassFormat
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.sharing import SharingOut
from lmkit.cli.options.word_classes import ClassFormatOption
from lmkit.cli.output import rendering
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.classes.model import ClassCounts
    from lmkit.classes.word_classes import WordClasses
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.scoring.protocol import Model

OfModel = Annotated[
    str | None,
    Option(
        "--classes",
        metavar="FILE",
        help="The words of MODEL, an ARPA file of SRILM's, say, are classes: the words of each and p(word | class), as in SRILM's class files.",
    ),
]


@dataclass(repr=False, eq=False)
class CountingClasses(SharingOut):
    """How text is read and counted, and in which classes its words are."""

    classes: Annotated[
        str | None,
        Option(metavar="FILE", help="Count classes of words: a file with the class of each, of any tool."),
    ] = None
    class_format: ClassFormatOption = "auto"
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

    def read_classes(self) -> "WordClasses | None":
        """The classes in the file that was named, if one was. UsageError for options of classes where there are none."""
        told = {
            "--class-format": self.class_format != "auto",
            "--unclassed": self.unclassed != "unk",
            "--class-add": self.class_add != 0.0,
        }
        given = [name for name, is_given in told.items() if is_given]
        if given and self.classes is None:
            raise UsageError(
                f"{', '.join(given)}: there are no classes that this could be about.", "Add --classes FILE."
            )
        return None if self.classes is None else read(self.classes, self.class_format)

    def by_class(self, counts: "NgramCounts", classes: "WordClasses | None") -> "NgramCounts | ClassCounts":
        """The counts by class, if there are classes; tells what these are, and what had none."""
        if classes is None:
            return counts
        from lmkit.classes.counting import class_counts

        found = class_counts(counts, classes, unclassed=self.unclassed, add=self.class_add, resources=self.resources())
        for line in rendering.classes_in_words(found):
            rendering.narrate(self.quiet, line)
        return found


@dataclass(repr=False, eq=False)
class ScoringClasses(shared.Scoring):
    """How text is read and scored, and which words the classes of the model are."""

    classes: OfModel = None
    class_format: ClassFormatOption = "auto"

    def opened(self, model: str) -> "Model":
        """The model of a file, of the words of its classes if these are told."""
        from lmkit.storage import load_scoring

        found: Model = around(
            load_scoring(shared.model_source(model), self.unknown_word), self.classes, self.class_format
        )
        return found


def read(path: str, class_format: ClassFormat) -> "WordClasses":
    """The classes in a file. UsageError for standard input."""
    from lmkit.classes.files.reading import read_classes

    if path == "-":
        raise UsageError("--classes needs a file: standard input is for the text, or the model.")
    return read_classes(path, class_format)


def around(model: Any, path: str | None, class_format: ClassFormat) -> Any:
    """The class model of a model whose words are classes, if a file says which words these are; the model itself if there is none."""
    if path is None:
        if class_format != "auto":
            raise UsageError("--class-format says how the file of --classes is written, and there is none.")
        return model
    from lmkit.classes.pairs import with_classes

    return with_classes(model, read(path, class_format))
