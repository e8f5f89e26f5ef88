"""Arguments of what takes neural models alone."""

from typing import Annotated

from lmkit.cli.declared import Argument

NeuralModel = Annotated[
    str, Argument(metavar="MODEL", help="A neural model (.safetensors), plain or compressed; - is standard input.")
]
