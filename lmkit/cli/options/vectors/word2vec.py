"""How `lmkit vectors word2vec` reads text and trains."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.vectors.making import Dimensions
from lmkit.errors import UsageError
from lmkit.vectors.word2vec.settings import Architecture, Loss

if TYPE_CHECKING:
    from lmkit.engine.resources import Resources
    from lmkit.vectors.word2vec.settings import Word2VecSettings


@dataclass(repr=False, eq=False)
class Word2VecTraining(shared.Limiting):
    """How text is read, and what vectors are made of it."""

    dimensions: Dimensions = None
    architecture: Annotated[
        Architecture | None,
        Option(help="A word tells its neighbours, or (cbow) they tell the word [default: skip-gram]."),
    ] = None
    negative: Annotated[
        int | None,
        Option(metavar="K", help="Negative sampling with K noise words for each true one [default: 5].", min=1),
    ] = None
    hierarchical_softmax: Annotated[
        bool, Option("--hierarchical-softmax", help="A tree of words in place of negative sampling.")
    ] = False
    softmax: Annotated[
        bool, Option("--softmax", help="All words in place of negative sampling; only with --explain.")
    ] = False
    window: Annotated[int | None, Option(metavar="W", help="Words on each side [default: 5].", min=1)] = None
    epochs: Annotated[int | None, Option(metavar="N", help="How often the text is read [default: 5].", min=1)] = None
    subsample: Annotated[
        float | None,
        Option(
            metavar="T",
            help="Words with a larger share of the text are passed over by chance; 0: none [default: 1e-3].",
        ),
    ] = None
    learning_rate: Annotated[
        float | None, Option("--learning-rate", metavar="R", help="At the beginning; it falls evenly [default: 0.025].")
    ] = None
    seed: Annotated[
        int | None, Option(metavar="S", help="The same seed gives the same vectors, by one worker [default: 1].", min=0)
    ] = None
    workers: Annotated[
        int | None,
        Option(metavar="N", help="Threads; with more than one, no two runs give the same vectors [default: 1].", min=1),
    ] = None

    def resources(self) -> "Resources":
        """What reading may take of the machine: no result depends on its threads."""
        return shared.resources(self.workers, tmp=self.tmp)

    def settings_of_training(self, *, explain: bool) -> "Word2VecSettings":
        """What was asked for, and the defaults. UsageError for what contradicts itself."""
        from lmkit.vectors.word2vec.in_the_open import FOR_TEACHING
        from lmkit.vectors.word2vec.settings import Word2VecSettings

        named: tuple[tuple[str, bool, Loss], ...] = (
            ("--negative", self.negative is not None, "negative-sampling"),
            ("--hierarchical-softmax", self.hierarchical_softmax, "hierarchical-softmax"),
            ("--softmax", self.softmax, "softmax"),
        )
        told = [(option, loss) for option, is_told, loss in named if is_told]
        if len(told) > 1:
            raise UsageError(f"{' and '.join(option for option, _ in told)} are two losses.", "Leave one out.")
        if self.softmax and not explain:
            raise UsageError(
                "--softmax goes over all words at each step, and is there to be looked at, on small texts.",
                "Add --explain, or train with --negative or --hierarchical-softmax.",
            )
        if explain and self.workers is not None and self.workers > 1:
            raise UsageError("--workers: with --explain, one step follows the other.", "Leave it out.")
        if self.seed is not None and (self.workers or 1) > 1:
            raise UsageError(
                f"--seed {self.seed} and --workers {self.workers}: threads write over each other's vectors, and no seed makes that the same twice.",
                "Leave one of them out.",
            )
        names = ("dimensions", "architecture", "negative", "window", "epochs", "subsample", "learning_rate", "seed")
        given: dict[str, Any] = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if told:
            given["loss"] = told[0][1]
        return replace(FOR_TEACHING if explain else Word2VecSettings(), **given)
