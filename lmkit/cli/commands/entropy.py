"""lmkit entropy"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.records import write_record


@command(short="Measure the entropy of a text in bits.", after="tokenize", topic="Measure", known_as=("bits",))
def entropy(
    options: shared.Counting,
    files: shared.Files = None,
    order: Annotated[
        int, Option("-n", "--order", metavar="N", help="Length of the n-grams of the conditional entropy.", min=1)
    ] = 1,
    model: Annotated[
        str | None,
        Option(metavar="MODEL", help="Also measure cross-entropy under this model, and the divergence from it."),
    ] = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Measure the entropy of a text in bits: of its words, of words and </s>, and given N-1 words before.

    \b
    lmkit entropy corpus.txt
    lmkit entropy -n 2 --model kn5.safetensors test.txt --json

    Memory: about 50 bytes for each distinct n-gram; past --memory, the disk is used.
    """
    from lmkit.statistics.entropy import entropy as measure

    form = form_of(as_, json=json)
    texts = options.texts(files)
    keywords = options.for_counting()
    if model is not None:
        from lmkit.storage import load_model

        shared.refuse_shared_stdin(model, files)
        loaded = load_model(shared.model_source(model))
        keywords |= {"model": loaded, "settings": options.settings(loaded.settings)}
    with progress(options.quiet, texts):
        result = measure(texts, order, **keywords)
    write_record(form, result.as_dict(), result.shown())
