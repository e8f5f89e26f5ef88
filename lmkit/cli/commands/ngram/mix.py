"""lmkit ngram mix"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import parse_fractions
from lmkit.cli.options.output_format import ToModelOrRecipe
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.scoring.bucketing.kinds import Kind

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.engine.resources import Resources
    from lmkit.scoring.bucketing.tuning import TunedBuckets
    from lmkit.scoring.protocol import Model
    from lmkit.scoring.tuning import TunedWeights
    from lmkit.text.sources.names import TextFile

Weights = Annotated[str | None, Option(metavar="W,W,...", help="One weight a model, 1 together [default: equal ones].")]
Tune = Annotated[str | None, Option(metavar="FILE", help="Find the weights that make this text most probable.")]
WeightsBy = Annotated[
    Kind | None,
    Option(
        help="With --tune: weights for each bucket of histories, by the length of the longest that the first n-gram model knows, also by its count, or by where its last unknown word is.",
    ),
]


@command(short="Mix models into one, or write the recipe of a mixture.", after="merge")
def mix(
    options: shared.Formatting,
    models: Annotated[
        list[str],
        Argument(metavar="MODEL MODEL...", help="Models of any family: lmkit's own, ARPA, KenLM's binaries, recipes."),
    ],
    weights: Weights = None,
    tune: Tune = None,
    weights_by: WeightsBy = None,
    output: shared.Output = None,
    to: ToModelOrRecipe = None,
    kenlm: shared.Kenlm = None,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
) -> None:
    """Mix models into one: the weighted sum of their probabilities, over all their words.

    \b
    lmkit ngram mix news.arpa.gz novels.safetensors --tune dev.txt -o mixed.safetensors
    lmkit ngram mix a.arpa b.arpa c.arpa --weights 0.5,0.3,0.2 -o mixed.arpa.gz
    lmkit ngram mix news.arpa.gz hashed.binary --tune dev.txt -o mixed.recipe.json
    lmkit ngram mix kn5.safetensors wb3.safetensors --tune dev.txt --weights-by count -o m.recipe.json

    Models that are not all n-gram models give a recipe; so do all if the output is called so. A recipe is a small file that names the files of its
    models, with their weights and digests, and stands wherever a model that scores texts does. It is the mixture word by word, as `lmkit perplexity A
    TEXT --mix B` measures it; n-gram models built into one come close to that. A recipe of n-gram models alone is built by this command, too.

    Memory: about 60 bytes an n-gram of the mixture and of each model; for a recipe, that of the models.
    """
    from lmkit.scoring.mixture import mixture
    from lmkit.scoring.tuning import tune_weights
    from lmkit.storage import load_scoring

    refuse_contradictions(weights, tune, weights_by)
    if models.count("-") > 1:
        raise UsageError("several models would be read from standard input.", "Give all but one as files.")
    text = options.text_of("--tune", tune)
    target = outputs.check_output(output, "model", "recipe", to=to)
    outputs.check_form(target, kenlm=kenlm)
    given = None if weights is None else parse_fractions("--weights", weights)
    loaded = [load_scoring(shared.model_source(path)) for path in models]
    target = checked_target(loaded, models, target, to, weights_by)
    check_buckets(loaded, weights_by)
    outputs.check_form(target, order=mixture(loaded).order, kenlm=kenlm)
    tuned = buckets = None
    with progress(quiet):
        if text is not None:
            tuned = tune_weights(loaded, text, resources=shared.resources(workers))
            tell(tuned, str(tune), quiet)
            given = tuned.above_zero()
            buckets = tuned_buckets(loaded, tuned, text, weights_by, shared.resources(workers))
            tell_buckets(buckets, tuned.perplexity, str(tune), quiet)
        if target.kind == "recipe":
            write_recipe(loaded, models, given, target, tuned, tune, buckets)
        else:
            from lmkit.ngrams.backoff.mixing import build_mixture

            built = build_mixture(mixture(loaded, given), shared.resources(workers))
            outputs.write_result(built, target, kenlm=kenlm)


def refuse_contradictions(weights: str | None, tune: str | None, weights_by: str | None) -> None:
    """UsageError for weights that are given where they are to be found, and for weights of buckets that are to be found on no text."""
    if weights is not None and tune is not None:
        raise UsageError("--weights makes no sense with --tune, which is there to find them.")
    if weights_by is not None and tune is None:
        raise UsageError("--weights-by needs a text to find the weights of buckets on.", "Add --tune FILE.")


def check_buckets(loaded: "list[Model]", weights_by: Kind | None) -> None:
    """DataError if no model tells the buckets of histories, before any text is read."""
    from lmkit.scoring.bucketing.buckets import BucketWeights
    from lmkit.scoring.mixture import mixture

    if weights_by is not None:
        mixture(loaded, by=BucketWeights(weights_by))


def checked_target(
    loaded: "list[Model]", names: list[str], target: "Output", to: str | None, weights_by: str | None
) -> "Output":
    """Where the mixture goes: models that are not all n-gram models, and weights by bucket, become a recipe, if neither the name nor `to` says otherwise.

    UsageError if they do; DataError for a recipe of what is no file.
    """
    from lmkit.engine.files.output_formats import found_suffix
    from lmkit.families import family_of
    from lmkit.ngrams.backoff.family import is_of_ngrams
    from lmkit.recipes.recipe import check_files
    from lmkit.scoring.mixture import parts_of

    others = [
        name
        for name, model in zip(names, loaded, strict=True)
        if not all(is_of_ngrams(part) for _, part in parts_of(model))
    ]
    if (others or weights_by) and target.kind == "model":
        if to is not None or (target.path != "-" and found_suffix(str(target.path), "model")):
            problem = f"with --weights-by {weights_by}, weights depend on the history: the mixture"
            if others:
                title = family_of(loaded[names.index(others[0])]).title
                problem = f"{others[0]} holds {title}: a mixture with it"
            raise UsageError(
                f"{problem} is no n-gram model, and has no {target.format.name} file.",
                "Write its recipe: end the name in .recipe.json, or say --to recipe.",
            )
        target = outputs.check_output(str(target.path), "recipe")
    if target.kind == "recipe":
        check_files(names, target.path)
    return target


def tell(tuned: "TunedWeights", name: str, quiet: bool) -> None:
    """What the weights are, and the perplexity of the mixture and of each model alone."""
    listed = " ".join(f"{weight:.6g}" for weight in tuned.weights)
    rendering.narrate(quiet, f"weights {listed}; perplexity of {name} word by word: {tuned.perplexity:.7g}")
    alone = " ".join(f"{perplexity:.7g}" for perplexity in tuned.alone)
    rendering.narrate(quiet, f"each model alone, over the words of all: {alone}")
    if tuned.one_is_nothing:
        rendering.narrate(quiet, "a weight is next to nothing: one of the models adds nothing to the others.")


def tuned_buckets(
    loaded: "list[Model]", tuned: "TunedWeights", text: "TextFile", weights_by: Kind | None, resources: "Resources"
) -> "TunedBuckets | None":
    """The weights of buckets of histories, if they are asked for."""
    from lmkit.scoring.bucketing.tuning import tune_buckets

    if weights_by is None:
        return None
    return tune_buckets(loaded, tuned.above_zero(), text, weights_by, resources=resources)


def tell_buckets(buckets: "TunedBuckets | None", with_one: float, name: str, quiet: bool) -> None:
    """What weights by bucket are worth on the text that they were tuned on, and what not to conclude."""
    if buckets is None:
        return
    by, better = buckets.by, 100 * (buckets.perplexity / with_one - 1)
    rendering.narrate(
        quiet,
        f"weights by {by.kind}, {len(by.weights)} buckets: perplexity of {name} {buckets.perplexity:.7g} in place of {with_one:.7g} ({better:+.2f}%)",
    )
    rendering.narrate(
        quiet, "on the text that they were tuned on, more weights always look better: measure them on another one."
    )


def write_recipe(
    loaded: "list[Model]",
    names: list[str],
    weights: list[float] | None,
    target: "Output",
    tuned: "TunedWeights | None",
    text: str | None,
    buckets: "TunedBuckets | None",
) -> None:
    """Write the recipe of the mixture."""
    from lmkit.recipes.recipe import TunedOn, recipe

    best = tuned if buckets is None else buckets
    tuned_on = None if tuned is None or best is None else TunedOn(str(text), best.perplexity, tuned.tokens)
    made = recipe(loaded, names, weights, by=None if buckets is None else buckets.by, tuned_on=tuned_on)
    outputs.write_output(target, made, place=target.path)
