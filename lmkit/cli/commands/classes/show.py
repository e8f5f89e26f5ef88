"""lmkit classes show"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.word_classes import ClassFormatOption
from lmkit.cli.options.words import parse_words
from lmkit.cli.output.small_tables import row_writer

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
    as_: As = None,
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
    from lmkit.classes.listing import listed_classes

    form = form_of(as_, json=json)
    found = read_classes(shared.model_source(classes, "a file of word classes"), class_format)

    wanted = [word for each in words or [] for word in parse_words("--words", each)]
    with row_writer(form, COLUMNS) as table:
        for each in listed_classes(found, top or len(found.vocabulary), wanted):
            row = (each.name, each.types, each.tokens, " ".join(each.words))
            plain = ["-" if value is None else str(value) for value in row]
            table.write(row, each.as_dict(), plain)
