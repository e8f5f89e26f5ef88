"""lmkit ngram convert"""

from typing import Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress


@command(short="Convert to or from ARPA.", after="check")
def convert(
    model: shared.CountsOrModel,
    output: Annotated[
        str,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .arpa, .arpa.gz (ARPA), or .safetensors (lmkit's own format).",
        ),
    ],
    precision: Annotated[
        Literal["single", "double"] | None,
        Option(help="Store log10 values in 32 or 64 bits [default: as they are; counts, and other tools' ARPA: 32]."),
    ] = None,
    quiet: shared.Quiet = False,
) -> None:
    """Convert a model between lmkit's own format and ARPA, by the name of the output.

    \b
    lmkit ngram convert kn5.safetensors -o kn5.arpa.gz
    lmkit ngram convert srilm.arpa.gz -o srilm.safetensors

    Counts become their maximum-likelihood model in ARPA, where -99 stands for a probability of 0.

    Memory: about 60 bytes an n-gram to read ARPA, 20 to write it.
    """
    from lmkit.storage import load

    target = outputs.check_output(output, "model")
    with progress(quiet):
        value = load(shared.model_source(model), precision=precision)
        outputs.write_result(value, target, precision or "single")
    if output != "-":
        rendering.narrate(quiet, f"wrote {output}")
