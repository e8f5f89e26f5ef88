"""Where outputs go that several commands write, and the format of those whose name says none."""

from typing import Annotated

from lmkit.cli.declared import Option
from lmkit.engine.files.output_formats import Kind, format_names
from lmkit.errors import UsageError


def format_option(*kinds: Kind) -> Option:
    """The option for an output of these kinds."""
    listed = ", ".join(format_names(*kinds))
    return Option(
        "--to",
        metavar="FORMAT",
        help=f"The format, where the name of the output does not say it: {listed}.",
        complete=format_names(*kinds),
    )


Shards = Annotated[
    int | None,
    Option("--shards", metavar="N", help="With -o NAME.lmkit: how many [default: of about 1 GB each].", min=1),
]
ToModel = Annotated[str | None, format_option("model")]
ToModelOrRecipe = Annotated[str | None, format_option("model", "recipe")]
ToVectors = Annotated[str | None, format_option("vectors")]
ToModelOrTable = Annotated[str | None, format_option("model", "table")]
RecordsOutput = Annotated[
    str | None,
    Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write: in the format of the input, or as .jsonl, .csv, .tsv or .parquet [default: standard output].",
    ),
]
Prefix = Annotated[str, Option(metavar="PREFIX", help="What the names of added fields begin with.")]


def check_prefix(prefix: str, *, append: bool) -> None:
    """UsageError for a prefix where nothing is added to records."""
    if prefix and not append:
        raise UsageError("--prefix is for what --append adds.", "Add --append, or leave it out.")
