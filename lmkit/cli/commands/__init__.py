"""One file a command, one folder a group of commands; and what stands before their names."""

from typing import Annotated

import typer

from lmkit.cli.command import group
from lmkit.version import NAME_AND_VERSION


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(NAME_AND_VERSION)
        raise typer.Exit


def lmkit(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
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
