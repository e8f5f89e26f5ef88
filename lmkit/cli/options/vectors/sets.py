"""How vectors are measured on sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.scoring.resampling import FEWEST_SAMPLES, SAMPLES
from lmkit.vectors.evaluation.settings import FIRST, SEED, Case, EvaluationSettings

if TYPE_CHECKING:
    from lmkit.vectors.evaluation.comparison import SetDifference
    from lmkit.vectors.evaluation.evaluating import SetFigure

Sets = Annotated[
    list[str],
    Argument(
        metavar="SET...",
        help="Pairs with judgements (WordSim-353, SimLex-999: two words and a number a line) or analogies (Google's: four words a line, `: section`), plain or compressed; - is standard input.",
    ),
]

MADE = ("signature", "vectors")  # figures that are texts


@dataclass(repr=False, eq=False)
class Evaluating:
    """How vectors are measured on sets."""

    case: Annotated[
        Case,
        Option(
            help="Of words of sets: ignore it (the first word of the vectors that is the same in upper case), keep it, or put them in lower case."
        ),
    ] = "ignore"
    first: Annotated[
        int,
        Option(
            "--top",
            metavar="K",
            formerly=("--first",),
            help="Only the first K words of the vectors take part; 0: all.",
            min=0,
        ),
    ] = FIRST
    samples: Annotated[int, Option(metavar="N", help="Samples of the bootstrap.", min=FEWEST_SAMPLES)] = SAMPLES
    seed: Annotated[int, Option(metavar="N", help="Of the random numbers of the bootstrap.", min=0)] = SEED
    workers: shared.Workers = None
    quiet: shared.Quiet = False

    def settings(self) -> EvaluationSettings:
        """The settings."""
        return EvaluationSettings(self.case, self.first, self.samples, self.seed)


def tell_undefined(quiet: bool, figures: "Sequence[SetFigure | SetDifference]") -> None:
    """Tell why correlations are undefined."""
    for each in figures:
        if each.undefined:
            rendering.narrate(quiet, f"{each.set}: no correlation: {each.undefined}.")
