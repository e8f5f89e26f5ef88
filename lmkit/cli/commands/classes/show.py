"""lmkit classes show"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.word_classes import ClassFormatOption
from lmkit.cli.options.words import parse_words
from lmkit.cli.output import rendering
from lmkit.cli.output.tables import write_table

COLUMNS = ("class", "types", "tokens", "words")


@command(short="List the words of each class.", after="train")
def show(
    classes: Annotated[
        str,
        Argument(
            metavar="CLASSES",
            help="Word classes: lmkit's own, `word class`, SRILM's, Brown's paths, plain or compressed; - is standard input.",
        ),
    ],
    top: Annotated[
        int, Option("--top", metavar="K", formerly=("-k",), help="Only the K first words of each class; 0: all.", min=0)
    ] = 10,
    words: Annotated[
        list[str] | None,
        Option(
            metavar="WORD,WORD",
            formerly=("--word",),
            help="Only the classes of these words; one with a comma in double quotes.",
        ),
    ] = None,
    class_format: ClassFormatOption = "auto",
    json: shared.JsonOption = False,
) -> None:
    """List classes of words: how many words each has, how often these come in the text, and the most frequent ones.

    \b
    lmkit classes show classes.tsv
    lmkit classes show classes.tsv --words head,London --top 20
    lmkit classes show brown.paths --json

    Classes stand in the order of the file, and so do words of a file without counts, where tokens is -.

    Memory: about 500 bytes for each word.
    """
    from lmkit.classes.files.reading import read_classes
    from lmkit.classes.listing import ListedClass, listed_classes

    found = read_classes(shared.model_source(classes, "a file of word classes"), class_format)

    def row(each: ListedClass) -> list[str]:
        return [each.name, str(each.types), "-" if each.tokens is None else str(each.tokens), " ".join(each.words)]

    listed = listed_classes(
        found, top or len(found.vocabulary), [word for each in words or [] for word in parse_words("--words", each)]
    )
    if json:
        for each in listed:
            rendering.write_json(each.as_dict())
    else:
        write_table(COLUMNS, [row(each) for each in listed])
