"""lmkit positions"""

import shutil
from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import needs_ascii, terminal_colors, write_picture
from lmkit.cli.declared import Option
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.output import rendering
from lmkit.cli.output.small_tables import write_small_table


@command(short="Show the vectors of positions.", after="functions", topic="Look")
def positions(
    options: Tabulating,
    length: Annotated[int, Option(metavar="N", help="How many positions.", min=1, max=1_000_000)] = 50,
    dimensions: Annotated[int, Option(metavar="D", help="How many numbers each has.", min=1, max=100_000)] = 16,
) -> None:
    """Show the sinusoidal vectors of positions, with which a transformer tells the order of words: a row for each position.

    \b
    lmkit positions --length 50 --dimensions 16 --plot
    lmkit positions --length 3 --dimensions 4
    lmkit positions --length 100 --dimensions 64 -o positions.svg

    Dimensions 2k and 2k+1 are sine and cosine of t / 10000^(2k/D) (Vaswani et al. 2017).
    Pictures (.svg .png .pdf) need matplotlib: pip install 'lmkit[plot]'.

    Memory: the table.
    """
    from lmkit.neural.functions.positions import sinusoidal_positions

    target = options.target("heat map picture")
    table = sinusoidal_positions(length, dimensions)
    if options.draws(target):
        from lmkit.plots.heat.text import heat_map_text
        from lmkit.plots.neural.heat_maps import positions_map

        shown = positions_map(table, options.title)
        if (picture := options.picture(target)) is not None:
            write_picture(picture, shown, [shown.title], options.quiet)
        if options.plot:
            columns, ascii_only = shutil.get_terminal_size().columns, needs_ascii(options.ascii)
            text = heat_map_text(shown, columns, ascii_only=ascii_only, colors=terminal_colors(), numbers=False)
            rendering.write(text.encode())
    if options.tabulates(target):
        names = ["position", *map(str, range(dimensions))]
        rows = [[place, *row] for place, row in enumerate(table.tolist())]
        write_small_table(names, rows, target, form=options.form)
