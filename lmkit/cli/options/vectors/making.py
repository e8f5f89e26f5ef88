"""Options of what makes word vectors."""

from typing import Annotated

from lmkit.cli.declared import Option
from lmkit.vectors.choices import DIMENSIONS, SEED

Dimensions = Annotated[
    int | None,
    Option("-d", "--dimensions", metavar="D", help=f"Coordinates of a vector [default: {DIMENSIONS}].", min=1),
]
Seed = Annotated[
    int | None, Option(metavar="S", help=f"The same seed gives the same vectors [default: {SEED}].", min=0)
]
