"""What is mixed, and the models of it: the options of commands that mix."""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Option
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.scoring.protocol import Model

COMPONENT = "SPEC[:WEIGHT]"
Mix = Annotated[
    list[str] | None,
    Option(
        metavar=COMPONENT,
        help="Mix with this, word by word; several times for several: the file of a model, cache[:WORDS][,decay=X], classes:FILE, uniform [default weights: equal].",
    ),
]
Decay = Annotated[
    float | None,
    Option(
        metavar="X",
        help="How fast the words of a cache fade: one that was d words before weighs e^(-X(d-1)) [default: not at all].",
    ),
]


def mixed(model: "Model", name: str, mix: list[str] | None, decay: float | None, unknown_word: str | None) -> "Model":
    """The model of the file of that name, or the mixture of it with others, given as SPEC[:WEIGHT]. UsageError for others that make no mixture."""
    from lmkit.mixtures import load_mixture
    from lmkit.recipes.grammar import parse_components

    if not mix:
        if decay is not None:
            raise UsageError(
                "--decay is for a cache, and nothing is mixed.", "Add --mix cache:1000:0.08, or leave it out."
            )
        return model
    named = parse_components(mix, first=name, decay=decay)
    if any(each.part.file == "-" for each in named[1:]):
        raise UsageError("--mix needs a file: standard input is for MODEL or the text.")
    return load_mixture(named, first=model, unknown_word=unknown_word)
