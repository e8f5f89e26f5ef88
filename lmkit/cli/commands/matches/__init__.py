"""lmkit matches"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli.command import command
from lmkit.cli.commands.matches.rows import Gate, quoted, show_spans, show_tokens
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.matching import Matching
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.records import write_record
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.matching.figures import MatchFigures
    from lmkit.matching.found import Matches


Texts = Annotated[
    list[str],
    Argument(
        metavar="TRAIN... TEST",
        help="The text that may be repeated, and, as the last, the one that is looked at: files, folders, patterns as for all commands; - is standard input.",
    ),
]
By = Annotated[
    Literal["corpus", "record", "sentence", "token"],
    Option(help="One figure, or one for each record (line, JSON object, row), sentence or token of TEST."),
]
Minimum = Annotated[int, Option("--min", metavar="N", help="Matches of N tokens or more count as repeated.", min=1)]
AcrossLines = Annotated[
    bool,
    Option(
        "--across-lines",
        help="Matches run over ends of lines and sentences, within a record, or a file of plain text.",
    ),
]
Id = Annotated[
    str | None,
    Option(
        metavar="FIELD",
        help="With --by record: the field or column of TEST that names records, nested as a.b [default: the number of the line or row].",
    ),
]
FailAbove = Annotated[
    float | None,
    Option(
        metavar="SHARE",
        help="Exit with 3 if the share of repeated tokens of TEST (of a record or sentence, with --by) is above SHARE.",
        min=0.0,
        max=1.0,
    ),
]


@command(
    short="Find where a text repeats another.",
    after="entropy",
    topic="Filter",
    known_as=("contamination", "overlap", "dedup"),
)
def matches(
    options: Matching,
    texts: Texts,
    by: By = "corpus",
    min: Minimum = 13,
    across_lines: AcrossLines = False,
    id: Id = None,
    json: shared.JsonOption = False,
    as_: As = None,
    fail_above: FailAbove = None,
) -> None:
    """Find where TEST repeats TRAIN: for each token of TEST the longest match, of any length, that ends there, how often and where.

    \b
    lmkit matches train.txt test.txt
    lmkit matches 'pages/*.jsonl.gz' test.jsonl --by record --id url --across-lines
    lmkit matches train.txt test.txt --lowercase --tokenizer words --min 8
    lmkit matches train.txt test.txt --fail-above 0.01        # a gate for CI
    lmkit matches book.txt generated.txt --by token           # what a model has learnt by heart

    A token is repeated if it is part of a match of at least --min tokens: 13 is the rule that GPT-3's test sets were cleaned by.
    Matches are exact, so say what is the same with --lowercase, --tokenizer words and the like. No index is made.

    Memory: some 200 MB for reading, the distinct words of TEST, and 40 bytes for each token of TEST and of the part of TRAIN that it is matched
    with, which --memory makes smaller (twice as much where texts are copies); the ids of both texts, 4 bytes a token, are in --tmp.
    """
    from lmkit.matching.figures import match_figures
    from lmkit.matching.matching import matches as find

    form = form_of(as_, json=json)
    if id is not None and by != "record":
        raise UsageError(f"--id names records, and there are none with --by {by}.", "Add --by record, or leave it out.")
    train, test = options.both_texts(texts)
    with progress(options.quiet, [*train, *test]):
        found = find(
            train,
            test,
            across_lines=across_lines,
            records=by == "record",
            id_field=id,
            **options.for_matching(),
        )
    gate, many = Gate(fail_above), len(test) > 1
    if by in ("record", "sentence"):
        show_spans(found, by, min, gate, form, with_file=many)
    else:
        figures = match_figures(found, min)
        gate.look_at("TEST", figures.covered_share)
        if by == "token":
            show_tokens(found, form, with_file=many)
        else:
            write_record(form, figures.as_dict(), as_figures(figures, found))
    gate.close()


def as_figures(figures: "MatchFigures", found: "Matches") -> dict[str, Any]:
    """The figures for a table: a long match is cut."""
    if figures.longest is None or found.longest_end is None:
        return figures.shown()
    text = quoted(found, found.longest_end)
    return figures.shown() | {"longest": figures.longest | {"text": text}}
