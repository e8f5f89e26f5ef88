"""lmkit info"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output.records import write_record


@command(
    short="Say what is in a file of lmkit's, or one that it reads.",
    after="evaluate",
    topic="Look",
    known_as=("inspect", "describe", "show"),
)
def info(
    file: Annotated[
        str,
        Argument(
            metavar="FILE",
            help="Counts, a model of any family, a recipe, word vectors, a tokenizer; - is standard input.",
        ),
    ],
    encoding_errors: shared.Invalid = "strict",
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Say what is in a file, whatever it is: its format and size, then what there is to say of counts, models, recipes, vectors, tokenizers.

    \b
    lmkit info kn5.safetensors
    lmkit info mixed.recipe.json      # its models and weights, once they were found as they were
    lmkit info cc.fr.300.vec.gz --json

    What a file is, is told by its first bytes. `lmkit ngram info`, `lmkit vectors info` and `lmkit tokenizer info` say the same of files of one kind, and refuse others.

    Memory: lmkit's own files and KenLM's hash tables are mapped from disk; others are read whole.
    """
    from lmkit.file_figures import describe_file

    form = form_of(as_, json=json)
    write_record(form, describe_file(shared.model_source(file, "a file"), encoding_errors))
