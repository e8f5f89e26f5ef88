"""One file a command, one folder a group of commands; and what stands before their names."""

from typing import Annotated

from lmkit.cli.command import EndedError, group
from lmkit.cli.declared import Option
from lmkit.version import NAME_AND_VERSION


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(NAME_AND_VERSION)
        raise EndedError(0)


def lmkit(
    version: Annotated[
        bool, Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Classical language modelling: count, train, smooth, measure.

    \b
    lmkit count -n 2 corpus.txt | head
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    lmkit smooth --kneser-ney counts.safetensors -o kn5.safetensors
    lmkit perplexity kn5.safetensors test.txt --json
    lmkit demo                                  # all of it, explained
    """


group(__name__, run=lmkit)
