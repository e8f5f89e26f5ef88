"""The option that says the format of an output whose name does not."""

from typing import Annotated

from lmkit.cli.declared import Option
from lmkit.engine.output_formats import Kind, format_names


def format_option(*kinds: Kind) -> Option:
    """The option for an output of these kinds."""
    listed = ", ".join(format_names(*kinds))
    return Option("--to", metavar="FORMAT", help=f"The format, where the name of the output does not say it: {listed}.")


ToModel = Annotated[str | None, format_option("model")]
ToModelOrTable = Annotated[str | None, format_option("model", "table")]
