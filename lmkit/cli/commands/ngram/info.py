"""lmkit ngram info"""

from typing import Annotated

import typer

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering


@command(short="Say what is in a model or counts file.", after="restrict")
def info(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Counts or a model: lmkit's own, or ARPA; - is standard input.")
    ],
    json: shared.JsonOption = False,
) -> None:
    """Say what is in a counts file or a model: order, n-grams, vocabulary, smoothing, discounts, signature.

    \b
    lmkit ngram info kn5.safetensors

    Memory: lmkit's own files are mapped from disk; an ARPA file takes about 60 bytes an n-gram.
    """
    from lmkit.ngrams.counting.description import describe
    from lmkit.storage import load

    figures = describe(load(shared.model_source(model)))
    if json:
        rendering.write_json(figures)
    else:
        rendering.write_figures(figures)
