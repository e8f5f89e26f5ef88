"""lmkit neural check"""

from dataclasses import dataclass
from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.choosing import said, shape_options
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.small_tables import row_writer
from lmkit.neural.architectures.choices import CHOICES
from lmkit.neural.small_shapes import DIRECTIONS, SMALL, TYPES, small_shape
from lmkit.neural.training.settings import ARCHITECTURE

Small = shape_options(SMALL)


@dataclass(repr=False, eq=False)
class SmallShape(Small):  # type: ignore[misc, valid-type] # which has fields as was said above
    """How large the network is."""


@command(short="Check backpropagation against differences.", after="import")
def check(
    options: SmallShape,
    architecture: Annotated[
        str, Option(metavar="NAME", help=f"{', '.join(CHOICES)}.", complete=tuple(CHOICES))
    ] = ARCHITECTURE,
    types: Annotated[int, Option(metavar="V", help="Size of the vocabulary.", min=4)] = TYPES,
    dropout: Annotated[float, Option(metavar="P", help="Share of numbers that are left out.", min=0, max=0.99)] = 0.0,
    directions: Annotated[int, Option(metavar="N", help="Random directions for each array.", min=1)] = DIRECTIONS,
    seed: Annotated[int, Option(metavar="S", help="Of parameters, text, directions.", min=0)] = 1,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Check the backpropagation of a small network: derivatives by formula beside differences of the loss.

    \b
    lmkit neural check
    lmkit neural check --layers 1 --heads 4 --dropout 0.2
    lmkit neural check --architecture feed-forward --untied

    One line for each array of parameters: how many numbers it has, the length of its gradient, and how far, at most, the derivative along
    random directions is from (loss(θ + εu) - loss(θ - εu)) / 2ε, as it is and as a share of the gradient. All in double precision, with random
    parameters and words: about 1e-9 is what rounding leaves; a mistake shows as 0.01 or more.

    Memory: as much as Python with NumPy takes, for networks of such sizes.
    """
    from lmkit.neural.checking import check_gradients

    form = form_of(as_, json=json)
    shape = small_shape(architecture, **said(options, Small))
    names = ("parameters", "numbers", "gradient", "difference", "relative")
    with row_writer(form, names) as table:
        table.begin()
        for row in check_gradients(shape, types, dropout=dropout, directions=directions, seed=seed):
            values = (row.name, row.numbers, row.gradient, row.difference, row.relative)
            plain = (f"{row.gradient:.6f}", f"{row.difference:.1e}", f"{row.relative:.1e}")
            table.write(values, plain=(row.name, str(row.numbers), *plain))
