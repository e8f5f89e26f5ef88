"""--spell-unknown: what charges unknown words their letters."""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Option
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.scoring.protocol import Model

SpellUnknown = Annotated[
    str | None,
    Option(
        metavar="SPELLER",
        help="Charge unknown words their letters besides p(<unk>), under this model of characters (--unit character); built-in: one of the words of MODEL.",
    ),
]


def spelled(model: "Model", speller: str | None) -> "Model":
    """The model, charged the letters of unknown words if a speller is named. UsageError for one on standard input."""
    from lmkit.storage import load_spelled

    if speller == "-":
        raise UsageError("--spell-unknown needs a file, or built-in: standard input is for MODEL or the text.")
    return load_spelled(model, speller, "--spell-unknown")
