"""lmkit functions"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.options.numbers import parse_finite
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.arrays import FloatArray
    from lmkit.neural.functions.registry import Function

LOW, HIGH, POINTS, DRAWN_POINTS = -4.0, 4.0, 17, 161


def known() -> list[str]:
    """The names of all functions."""
    from lmkit.neural.functions.registry import FUNCTIONS

    return list(FUNCTIONS)


@dataclass(repr=False, eq=False)
class Ranging(Tabulating):
    """Numbers from one to another, and where what becomes of them goes."""

    low: Annotated[
        float | None,
        Option("--low", metavar="X", formerly=("--from",), help=f"In place of numbers: from X [default: {LOW:g}] …"),
    ] = None
    high: Annotated[
        float | None, Option("--high", metavar="X", formerly=("--to",), help=f"… to X [default: {HIGH:g}].")
    ] = None
    points: Annotated[
        int | None,
        Option(
            metavar="N",
            help=f"… so many, evenly spaced [default: {POINTS}, of a plot {DRAWN_POINTS}].",
            min=2,
            max=1_000_000,
        ),
    ] = None

    @property
    def ranged(self) -> bool:
        """Whether any of these was said."""
        return (self.low, self.high, self.points) != (None, None, None)


@command(
    short="Tabulate and plot softmax, GELU and others.",
    after="vectors",
    topic="Look",
    known_as=("softmax", "sigmoid", "relu", "gelu"),
)
def functions(
    options: Ranging,
    name: Annotated[
        str | None,
        Argument(
            metavar="[NAME]", help="The function; without it, all are listed with their formulas.", complete=known
        ),
    ] = None,
    numbers: Annotated[
        list[str] | None, Argument(metavar="[NUMBER]...", help="What it takes: numbers, or the numbers of a vector.")
    ] = None,
    temperature: Annotated[
        float, Option(metavar="T", help="Divide scores by T first: above 1, softmax makes them more alike.")
    ] = 1.0,
) -> None:
    """Tabulate a function that networks are made of, and its derivative: softmax, cross-entropy, sigmoid, tanh, ReLU, GELU, layer norm.

    \b
    lmkit functions                          # all there are, with their formulas
    lmkit functions softmax 2 1 0            # 0.665 0.245 0.090
    lmkit functions softmax 2 1 0 --temperature 2
    lmkit functions gelu --low -4 --high 4 --plot
    lmkit functions relu -2 0 3 -o relu.svg

    A vector is taken as a whole: by_0, by_1, … are what each value changes by with each number of it. Of cross-entropy each row is
    the loss, in nats, if this number is that of the right word, and its gradient.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: the table.
    """
    from lmkit.cli.commands.functions.showing import list_functions, show
    from lmkit.neural.functions.registry import function_named
    from lmkit.neural.functions.tabulating import tabulate

    target = options.target("plot picture")
    if name is None:
        if options.ranged or options.draws(target) or temperature != 1:
            raise UsageError("no function is named.", "`lmkit functions` lists them: lmkit functions gelu --plot")
        list_functions(target, options.form)
        return
    function = function_named(name)
    default = DRAWN_POINTS if options.draws(target) else POINTS
    show(tabulate(function, asked_numbers(function, numbers or [], options, default), temperature), options, target)


def asked_numbers(function: "Function", numbers: list[str], options: Ranging, default: int) -> "FloatArray":
    """The numbers that were given, or those of a range, by default so many. UsageError for both, and for a range as a vector."""
    import numpy as np

    from lmkit.neural.functions.tabulating import evenly_spaced

    if numbers and options.ranged:
        raise UsageError("numbers are given, and --low, --high or --points, too.", "Leave one or the other out.")
    if numbers:
        return np.array(parse_finite(numbers))
    if function.kind == "vector":
        raise UsageError(
            f"{function.name} takes a vector, and none is given.",
            f"Give its numbers: lmkit functions {function.name} 2 1 0",
        )
    low, high = LOW if options.low is None else options.low, HIGH if options.high is None else options.high
    return evenly_spaced(low, high, options.points or default)
