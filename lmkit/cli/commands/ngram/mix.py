"""lmkit ngram mix"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import parse_fractions
from lmkit.cli.options.output_format import ToModel
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError


@command(short="Mix models into one.", after="merge")
def mix(
    options: shared.Formatting,
    models: Annotated[
        list[str], Argument(metavar="MODEL MODEL...", help="Models: lmkit's own, ARPA, or KenLM's tries.")
    ],
    weights: Annotated[
        str | None, Option(metavar="W,W,...", help="One weight a model, 1 together [default: equal ones].")
    ] = None,
    tune: Annotated[
        str | None, Option(metavar="FILE", help="Find the weights that make this text most probable.")
    ] = None,
    output: shared.Output = None,
    to: ToModel = None,
    kenlm: shared.Kenlm = None,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
) -> None:
    """Mix models into one: the weighted sum of their probabilities, over all their words.

    \b
    lmkit ngram mix news.arpa.gz novels.safetensors --tune dev.txt -o mixed.safetensors
    lmkit ngram mix a.arpa b.arpa c.arpa --weights 0.5,0.3,0.2 -o mixed.arpa.gz

    `lmkit perplexity A TEXT --mix B` measures a mixture word by word without building it.

    Memory: about 60 bytes an n-gram of the mixture and of each model.
    """
    from lmkit.ngrams.backoff.mixing import build_mixture
    from lmkit.scoring.mixture import mixture
    from lmkit.scoring.tuning import tune_weights
    from lmkit.storage import load_model

    if weights is not None and tune is not None:
        raise UsageError("--weights makes no sense with --tune, which is there to find them.")
    if models.count("-") > 1:
        raise UsageError("several models would be read from standard input.", "Give all but one as files.")
    text = options.text_of("--tune", tune)
    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, kenlm=kenlm)
    given = None if weights is None else parse_fractions("--weights", weights)
    loaded = [load_model(shared.model_source(path)) for path in models]
    outputs.check_form(target, order=max(model.order for model in loaded))
    resources = shared.resources(workers)
    with progress(quiet):
        if text is not None:
            tuned = tune_weights(loaded, text, resources=resources)
            listed = " ".join(f"{weight:.6g}" for weight in tuned.weights)
            rendering.narrate(quiet, f"weights {listed}; perplexity of {tune} word by word: {tuned.perplexity:.7g}")
            alone = " ".join(f"{perplexity:.7g}" for perplexity in tuned.alone)
            rendering.narrate(quiet, f"each model alone, over the words of all: {alone}")
            given = tuned.above_zero()
            if tuned.one_is_nothing:
                rendering.narrate(quiet, "a weight is next to nothing: one of the models adds nothing to the others.")
        outputs.write_result(build_mixture(mixture(loaded, given), resources), target, kenlm=kenlm)
