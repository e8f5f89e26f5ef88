"""What is mixed, and the models of it: the options of commands that mix."""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.declared import Argument, Option
from lmkit.errors import UsageError
from lmkit.scoring.bucketing.kinds import Kind

if TYPE_CHECKING:
    from lmkit.scoring.protocol import Model

COMPONENT = "SPEC[:WEIGHT]"
EQUAL = "equal ones, but that cache and uniform need one"
Components = Annotated[
    list[str],
    Argument(
        metavar=f"MODEL {COMPONENT}...",
        help="Models of any family: lmkit's own, ARPA, KenLM's binaries, recipes; besides, cache[:WORDS][,decay=X], classes:FILE, uniform. A weight may follow each, or each but the first, which has what they leave.",
    ),
]
Weights = Annotated[
    list[float] | None,
    Option(
        "--weight",
        metavar="W,W,...",
        formerly=("--weights",),
        help=f"One weight a component, 1 together [default: {EQUAL}].",
    ),
]
Tune = Annotated[
    str | None,
    Option(
        "--held-out",
        metavar="FILE",
        formerly=("--tune",),
        help="Find the weights, and the size of a cache without one, that make this text most probable.",
    ),
]
WeightsBy = Annotated[
    Kind | None,
    Option(
        help="With --held-out: weights for each bucket of histories, by the length of the longest that the first n-gram model knows, also by its count, or by where its last unknown word is.",
    ),
]
Mix = Annotated[
    list[str] | None,
    Option(
        metavar=COMPONENT,
        help=f"Mix with this, word by word; several times for several: the file of a model, cache[:WORDS][,decay=X], classes:FILE, uniform [default weights: {EQUAL}].",
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
