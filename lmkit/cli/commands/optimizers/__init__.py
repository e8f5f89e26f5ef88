"""lmkit optimizers"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.errors import UsageError
from lmkit.neural.optimizers.names import NAMES

Function = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="rosenbrock, a bent valley, or bowl, an elongated one; without it, optimizers are listed.",
    ),
]
Optimizer = Annotated[
    list[str] | None,
    Option(metavar="NAME", help="This one; several times, side by side [default: all].", complete=NAMES),
]
Noise = Annotated[
    float | None,
    Option(
        metavar="S",
        help="How far the gradients that sgd gets, of samples, are off: a standard deviation [default: as the function has it].",
    ),
]


@command(short="Watch gradient descent, momentum, Adam.", after="attention", topic="Look", known_as=("adam", "sgd"))
def optimizers(
    options: Tabulating,
    function: Function = None,
    optimizer: Optimizer = None,
    rate: Annotated[
        float | None,
        Option(
            "--learning-rate",
            metavar="R",
            formerly=("--rate",),
            help="The learning rate [default: one that suits each optimizer].",
        ),
    ] = None,
    steps: Annotated[int, Option(metavar="N", help="Steps of each.", min=1, max=100_000)] = 200,
    start: Annotated[
        str | None,
        Option(
            "--start-at",
            metavar="X,Y",
            formerly=("--start",),
            help="Where they begin [default: as the function has it].",
        ),
    ] = None,
    noise: Noise = None,
    seed: Annotated[int, Option(metavar="N", help="Of the samples.", min=0)] = 1,
    first: Annotated[int, Option(metavar="N", help="The table has so many steps of each, and the last.", min=0)] = 3,
) -> None:
    """Watch optimizers go down a function of two numbers, x and y: a table of the first steps and of where each ends, or their paths.

    \b
    lmkit optimizers                                   # all there are, with their formulas
    lmkit optimizers --function bowl
    lmkit optimizers --function rosenbrock --plot
    lmkit optimizers --function bowl --optimizer gradient-descent --learning-rate 0.1 --steps 50 -o bowl.svg

    A path that leaves for infinity ends where it was last seen. -o as a table writes every step.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: the steps.
    """
    from lmkit.cli.commands.optimizers.showing import list_optimizers, show, start_of
    from lmkit.neural.optimizers.comparing import compare_optimizers, surface_named

    target = options.target("paths picture")
    if function is None:
        if options.draws(target) or optimizer or start or (rate, noise) != (None, None):
            raise UsageError("no function is named to go down on.", "Name one: lmkit optimizers --function bowl --plot")
        list_optimizers(target, options.form)
        return
    surface = surface_named(function)
    found = compare_optimizers(
        surface, optimizer or (), start=start_of(start), rate=rate, steps=steps, noise=noise, seed=seed
    )
    show(surface, found, options, target, first)
