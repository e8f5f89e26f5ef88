"""lmkit functions"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options.tabulating import Tabulating
from lmkit.errors import UsageError


@command(short="Tabulate and plot softmax, GELU and others.", after="vectors")
def functions(
    options: Tabulating,
    name: Annotated[
        str | None, Argument(metavar="[NAME]", help="The function; without it, all are listed with their formulas.")
    ] = None,
    numbers: Annotated[
        list[float] | None, Argument(metavar="[NUMBER]...", help="What it takes: numbers, or the numbers of a vector.")
    ] = None,
    low: Annotated[
        float | None, Option("--from", metavar="X", help="In place of numbers: from X [default: -4] …")
    ] = None,
    high: Annotated[float | None, Option("--to", metavar="X", help="… to X [default: 4].")] = None,
    points: Annotated[
        int | None,
        Option(metavar="N", help="… so many, evenly spaced [default: 17, of a plot 161].", min=2, max=1_000_000),
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
    lmkit functions gelu --from -4 --to 4 --plot
    lmkit functions relu -2 0 3 -o relu.svg

    A vector is taken as a whole: by_0, by_1, … are what each value changes by with each number of it. Of cross-entropy each row is
    the loss, in nats, if this number is that of the right word, and its gradient.
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: the table.
    """
    from lmkit.cli.commands.functions.showing import list_functions, show
    from lmkit.neural.functions.registry import function_named
    from lmkit.neural.functions.tabulating import evenly_spaced, numbers_given, tabulate

    target = options.target("plot picture")
    ranged = (low, high, points) != (None, None, None)
    if name is None:
        if ranged or options.draws(target) or temperature != 1:
            raise UsageError("no function is named.", "`lmkit functions` lists them: lmkit functions gelu --plot")
        list_functions(target, as_json=options.json)
        return
    function = function_named(name)
    if numbers and ranged:
        raise UsageError("numbers are given, and --from, --to or --points, too.", "Leave one or the other out.")
    if function.kind == "vector" and not numbers:
        raise UsageError(
            f"{name} takes a vector, and none is given.", f"Give its numbers: lmkit functions {name} 2 1 0"
        )
    if numbers:
        x = numbers_given(numbers)
    else:
        default = 161 if options.draws(target) else 17
        x = evenly_spaced(-4.0 if low is None else low, 4.0 if high is None else high, points or default)
    show(tabulate(function, x, temperature), options, target)
