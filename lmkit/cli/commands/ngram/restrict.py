"""lmkit ngram restrict"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import ToModel
from lmkit.cli.options.printed_form import As, figures_form
from lmkit.cli.options.vocabularies import VocabularyFormat
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.remote.names import shown


@command(short="Restrict a model to a vocabulary.", after="prune")
def restrict(
    vocabulary: Annotated[str, Option("--vocabulary", metavar="FILE", help="The words to keep, one a line.")],
    model: shared.PipedModel = "-",
    vocabulary_format: VocabularyFormat = "auto",
    output: shared.Output = None,
    to: ToModel = None,
    kenlm: shared.Kenlm = None,
    workers: shared.Workers = None,
    quiet: shared.Quiet = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Restrict a model to a vocabulary: all other words become unknown ones.

    \b
    lmkit ngram restrict kn5.safetensors --vocabulary words.txt -o small.arpa.gz

    N-grams with other words are dropped, and what these words had as unigrams goes to <unk>; the probabilities after every
    history sum to 1. To add words, see `lmkit ngram merge --add-words`.

    Memory: about 60 bytes an n-gram.
    """
    from lmkit.ngrams.backoff.restriction import restrict as restrict_model
    from lmkit.storage import load_model
    from lmkit.text.settings import TextSettings
    from lmkit.text.word_files import read_vocabulary
    from lmkit.text.word_lists.names import WordFile

    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, kenlm=kenlm)
    form = figures_form(as_, json=json, on_stdout=target.path != "-")
    value = load_model(shared.model_source(model))
    outputs.check_form(target, order=value.order)
    words = read_vocabulary(WordFile(vocabulary, list_format=vocabulary_format), value.settings or TextSettings())
    with progress(quiet, parts=2):
        restricted = restrict_model(value, words, shared.resources(workers))
        ngrams = " ".join(f"{number:,}" for number in restricted.model.ngrams().values())
        rendering.narrate(
            quiet,
            f"{restricted.dropped:,} words dropped, {restricted.missing:,} words of {shown(vocabulary)} are not in the model; "
            f"n-grams of orders 1 to {value.order}: {ngrams}",
        )
        outputs.write_result(restricted.model, target, kenlm=kenlm)
        more = {"dropped_words": restricted.dropped, "missing_words": restricted.missing}
        write_made(form, restricted.model, on_stdout=target.path != "-", **more)
