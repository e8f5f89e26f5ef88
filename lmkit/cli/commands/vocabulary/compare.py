"""lmkit vocabulary compare"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli.command import command
from lmkit.cli.commands.vocabulary.list import table_of
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.vocabularies import VocabularyFormat
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.records import write_record
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.statistics.comparison import VocabularyComparison

Kind = Literal["text", "words", "model"]


@command(short="Compare two vocabularies; OOV rates.", after="list")
def compare(
    options: shared.Scoring,
    a: Annotated[str, Argument(metavar="A", help="What is known: a text, a word list or a model; - for stdin.")],
    b: Annotated[str, Argument(metavar="B", help="What is looked at: a text, a word list or a model.")],
    a_is: Annotated[
        Kind | None, Option("--a", help="What A is [default: found out by its first lines].", show_default=False)
    ] = None,
    b_is: Annotated[Kind | None, Option("--b", help="What B is.", show_default=False)] = None,
    vocabulary_format: VocabularyFormat = "auto",
    top: Annotated[int, Option(metavar="K", help="Only the K most frequent OOV words; 0: all.", min=0)] = 10,
    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Also write all words of B that A lacks, as a word list; -: to stdout, and no figures.",
        ),
    ] = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Compare two vocabularies: what they share, and how many of B's words and running words A does not know (OOV).

    \b
    lmkit vocabulary compare train.txt test.txt
    lmkit vocabulary compare words.txt test.txt --top 20 --json
    lmkit vocabulary compare kn5.safetensors test.txt -o unknown.txt
    lmkit vocabulary compare lexicon.txt test.txt --a words     # columns after a TAB are ignored

    A model (lmkit's own, ARPA, or KenLM's binary) and a list as `lmkit vocabulary list` writes it are recognised; all else is a text, also a list
    of words alone, which is a text that has each word once. Texts and lists are read as the model was made, if one is a model.

    Memory: about 300 bytes for each distinct word of A and B, and the model.
    """
    from lmkit.cli.commands.vocabulary.sources import opened_source
    from lmkit.statistics.comparison import compare_vocabularies

    form = form_of(as_, json=json)
    if a == b == "-":
        raise UsageError("A and B would both be read from standard input.", "Name a file for one of them.")
    target = None if output is None else outputs.check_output(output, "words")
    with ExitStack() as opened:
        sources = [opened_source(opened, path, kind, vocabulary_format) for path, kind in ((a, a_is), (b, b_is))]
        models = [source.load() if source.kind == "model" else None for source in sources]
        settings = options.settings(next((model.settings for model in models if model and model.settings), None))
        texts = [options.text(source.place) for source in sources if source.kind == "text"]
        for given in [] if texts else options.told():
            raise UsageError(f"{given} is for texts, and neither A nor B is one.", "Leave it out.")
        options.files_of(texts)
        with progress(options.quiet, texts, "counting words"):
            sides = [model or source.read(settings, options) for model, source in zip(models, sources, strict=True)]
            found = compare_vocabularies(*sides)
    if target is not None:
        outputs.write_output(target, table_of(found.oov))
    if output != "-":
        write_record(form, found.as_dict(top), as_figures(found, top))
    for warning in warnings(found):
        rendering.narrate(options.quiet, warning)


def as_figures(found: "VocabularyComparison", top: int) -> dict[str, Any]:
    """The figures for a table: the OOV words numbered, nan for what is not known."""
    figures = rendering.flattened(found.as_dict(top))
    listed = figures.pop("most_frequent_oov")
    figures |= {
        f"most_frequent_oov.{rank}": [row["word"], *([] if row["count"] is None else [row["count"]])]
        for rank, row in enumerate(listed, start=1)
    }
    differences = figures.pop("differences")
    figures |= {f"difference.{number}": difference for number, difference in enumerate(differences, start=1)}
    return {name: float("nan") if value is None else value for name, value in figures.items()}


def warnings(found: "VocabularyComparison") -> Iterator[str]:
    """What makes the figures say little."""
    if found.differences:
        yield f"A and B cannot be compared: their words were made differently ({'; '.join(found.differences)})"
    elif found.oov_types_known_in_lower_case and not found.a_has_capitals:
        yield (
            f"A has no capital letters, and {found.oov_types_known_in_lower_case:,} of the OOV words of B are in it "
            "in lower case: --lowercase may be missing"
        )
