"""lmkit ngram info"""

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.records import write_record


@command(short="Say what is in a model or counts file.", after="restrict")
def info(
    model: shared.CountsOrModel,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Say what is in a counts file or a model: order, n-grams, vocabulary, smoothing, discounts, signature.

    \b
    lmkit ngram info kn5.safetensors

    Memory: lmkit's own files and KenLM's hash tables are mapped from disk; an ARPA file or a trie takes about 60 bytes an n-gram.
    """
    from lmkit.families import family_of
    from lmkit.storage import load_knowing

    form = form_of(as_, json=json)
    value = load_knowing(shared.model_source(model))
    write_record(form, family_of(value).describe(value))
