"""lmkit ngram mix"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.mixing import Components, Decay, Tune, Weights, WeightsBy
from lmkit.cli.options.output_format import ToModelOrRecipe
from lmkit.cli.options.printed_form import As, Form, figures_form, option_given
from lmkit.cli.output import files as outputs
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.tuned_weights import tell_buckets, tell_weights, write_weights
from lmkit.engine.remote.names import shown
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.recipes.components import Part
    from lmkit.recipes.grammar import Named
    from lmkit.scoring.bucketing.kinds import Kind
    from lmkit.scoring.bucketing.tuning import TunedBuckets
    from lmkit.scoring.protocol import Model
    from lmkit.scoring.tuning import TunedWeights
    from lmkit.text.sources.names import TextFile


@command(short="Mix models into one, or write the recipe of a mixture.", after="merge", known_as=("interpolate",))
def mix(
    options: shared.Formatting,
    models: Components,
    weights: Weights = None,
    tune: Tune = None,
    decay: Decay = None,
    weights_by: WeightsBy = None,
    output: shared.Output = None,
    to: ToModelOrRecipe = None,
    kenlm: shared.Kenlm = None,
    json: shared.JsonOption = False,
    as_: As = None,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
) -> None:
    """Mix models into one: the weighted sum of their probabilities, over all their words.

    \b
    lmkit ngram mix news.arpa.gz novels.safetensors --held-out dev.txt -o mixed.safetensors
    lmkit ngram mix a.arpa b.arpa:0.3 c.arpa:0.2 -o mixed.arpa.gz       # or --weight 0.5,0.3,0.2
    lmkit ngram mix news.arpa.gz hashed.binary --held-out dev.txt -o mixed.recipe.json
    lmkit ngram mix kn5.safetensors cache --held-out dev.txt -o mixed.recipe.json     # the last words, as many as are best
    lmkit ngram mix kn5.safetensors wb3.safetensors --held-out dev.txt --weights-by count -o m.recipe.json

    Models that are not all n-gram models give a recipe; so do all if the output is called so. A recipe is a small file that names the files of its
    models, with their weights and digests, and stands wherever a model that scores texts does. It is the mixture word by word, as `lmkit perplexity A
    TEXT --mix B` measures it; n-gram models built into one come close to that. A recipe of n-gram models alone is built by this command, too, unless its
    weights depend on the history (--weights-by).

    Memory: about 60 bytes an n-gram of the mixture and of each model; for a recipe, that of the models.
    """
    from lmkit.mixtures import load_components
    from lmkit.recipes.grammar import parse_components

    if models.count("-") > 1:
        raise UsageError("several models would be read from standard input.", "Give all but one as files.")
    named = parse_components([shared.model_source(model) for model in models], decay=decay)
    given = checked_weights(named, weights, tune)
    if tune is None:
        refuse_untuned(weights_by, option_given(as_, json=json))
    text = options.text_of("--held-out", tune)
    target = outputs.check_output(output, "model", "recipe", to=to)
    outputs.check_form(target, kenlm=kenlm)
    loaded = load_components(named, resources=shared.resources(workers))
    mixed = Mixed([each.part for each in named], loaded, given)
    target = checked_target(mixed, target, to, weights_by)
    form = figures_form(as_, json=json, on_stdout=target.path != "-")
    outputs.check_form(target, order=checked_order(loaded, weights_by), kenlm=kenlm)
    with progress(quiet, parts=2):
        if text is not None:
            mixed = tuned(mixed, text, shown(str(tune)), weights_by, workers)
            tell(mixed, form, quiet=quiet, on_stdout=target.path != "-")
        if target.kind == "recipe":
            write_recipe(mixed, target)
        else:
            from lmkit.ngrams.backoff.mixing import build_mixture
            from lmkit.scoring.mixture import mixture

            built = build_mixture(mixture(mixed.models, mixed.weights), shared.resources(workers))
            outputs.write_result(built, target, kenlm=kenlm)


def refuse_untuned(weights_by: str | None, printed: str | None) -> None:
    """UsageError for what nothing is found for, where no text is tuned on. printed: the option that shows what is found."""
    if weights_by is not None:
        raise UsageError("--weights-by needs a text to find the weights of buckets on.", "Add --held-out FILE.")
    if printed is not None:
        raise UsageError(f"{printed} shows what --held-out finds.", "Add --held-out FILE, or leave it out.")


@dataclass(frozen=True)
class Mixed:
    """What is mixed."""

    parts: "Sequence[Part]"
    models: "Sequence[Model]"
    weights: list[float] | None  # None: equal ones
    text: str = ""  # that they were tuned on, if they were
    tuned: "TunedWeights | None" = None
    buckets: "TunedBuckets | None" = None


def tuned(mixed: Mixed, text: "TextFile", name: str, weights_by: "Kind | None", workers: int | None) -> Mixed:
    """The same with the sizes of caches, the weights, and those by bucket, that make a text of this name most probable."""
    from lmkit.recipes.opening import candidates, sized
    from lmkit.scoring.bucketing.tuning import best_buckets
    from lmkit.scoring.tuning import tune_choice

    choices = [candidates(part, model) for part, model in zip(mixed.parts, mixed.models, strict=True)]
    found = tune_choice(choices, text, weights_by, resources=shared.resources(workers))
    parts = [sized(part, model) for part, model in zip(mixed.parts, found.models, strict=True)]
    weights = found.tuned.above_zero()
    buckets = None if weights_by is None else best_buckets(found.scored, weights, weights_by)
    return Mixed(parts, found.models, weights, name, found.tuned, buckets)


def tell(mixed: Mixed, form: Form | None, *, quiet: bool, on_stdout: bool) -> None:
    """What was tuned: in words, or as JSON where standard output has place for it."""
    if mixed.tuned is None:
        return
    names = [part.title for part in mixed.parts]
    if form is not None:
        write_weights(mixed.tuned, mixed.buckets, names, mixed.text, form, on_stdout=on_stdout)
        return
    tell_weights(mixed.tuned, names, mixed.text, quiet=quiet)
    if mixed.buckets is not None:
        tell_buckets(mixed.buckets, mixed.tuned.perplexity, mixed.text, quiet=quiet)


def checked_order(models: "Sequence[Model]", weights_by: "Kind | None") -> int | None:
    """The order of the mixture of these models. DataError for models that cannot be mixed, or not with weights by bucket."""
    from lmkit.scoring.bucketing.buckets import BucketWeights
    from lmkit.scoring.mixture import mixture

    return mixture(models, by=None if weights_by is None else BucketWeights(weights_by)).order


def checked_weights(named: "Sequence[Named]", weights: list[float] | None, tune: str | None) -> list[float] | None:
    """The weights that are given, in one way or the other; None for equal ones, or to be tuned. UsageError if that is asked for twice."""
    from lmkit.recipes.grammar import given_weights

    if weights is not None and tune is not None:
        raise UsageError("--weight makes no sense with --held-out, which is there to find them.")
    option = "--held-out, which is there to find them" if weights is None else "--weight"
    if weights is None and tune is None:
        return given_weights(named)
    for each in named:
        if each.weight is not None:
            raise UsageError(f"{each.text} has a weight, which makes no sense with {option}.", "Leave one of them out.")
    return weights


def checked_target(mixed: Mixed, target: "Output", to: str | None, weights_by: str | None) -> "Output":
    """Where the mixture goes: models that are not all n-gram models, and weights by bucket, become a recipe, if neither the name nor `to` says otherwise.

    UsageError if they do; DataError for a recipe of what is no file.
    """
    from lmkit.engine.files.output_formats import found_suffix
    from lmkit.ngrams.backoff.family import is_of_ngrams
    from lmkit.recipes.recipe import check_files
    from lmkit.scoring.mixture import parts_of

    others = [
        (part, model)
        for part, model in zip(mixed.parts, mixed.models, strict=True)
        if not all(is_of_ngrams(each) for _, each in parts_of(model))
    ]
    if (others or weights_by) and target.kind == "model":
        if to is not None or (target.path != "-" and found_suffix(str(target.path), "model")):
            problem = f"with --weights-by {weights_by}, weights depend on the history: the mixture"
            if others:
                problem = f"{what_it_is(*others[0])}: a mixture with it"
            raise UsageError(
                f"{problem} is no n-gram model, and has no {target.format.name} file.",
                "Write its recipe: end the name in .recipe.json, or say --to recipe.",
            )
        target = outputs.check_output(str(target.path), "recipe")
    if target.kind == "recipe":
        check_files([part.file for part in mixed.parts if part.file], target.path)
    return target


def what_it_is(part: "Part", model: "Model") -> str:
    """What a component that is no n-gram model is, with its name."""
    from lmkit.families import family_of
    from lmkit.recipes.components import FILE

    if part.kind == FILE:
        return f"{part.file} holds {family_of(model).title}"
    return {
        "cache": f"{part.name} is a cache, whose probabilities change with the text",
        "classes": f"{part.name} is a class model, which has no n-grams of words",
        "uniform": f"{part.name} is a uniform distribution, which has no n-grams",
    }[part.kind]


def write_recipe(mixed: Mixed, target: "Output") -> None:
    """Write the recipe of the mixture."""
    from lmkit.recipes.components import FILE
    from lmkit.recipes.recipe import TunedOn, recipe

    tuned_on, buckets = None, mixed.buckets
    if mixed.tuned is not None:
        tuned_on = TunedOn(mixed.text, (buckets or mixed.tuned).perplexity, mixed.tuned.tokens)
    names = [Path(part.file) if part.kind == FILE else part.name for part in mixed.parts]
    made = recipe(mixed.models, names, mixed.weights, by=None if buckets is None else buckets.by, tuned_on=tuned_on)
    outputs.write_output(target, made, place=target.path)
