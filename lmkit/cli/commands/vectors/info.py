"""lmkit vectors info"""

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.output.records import write_record


@command(short="Say what is in a file of word vectors.", after="plot")
def info(
    vectors: Vectors,
    encoding_errors: shared.Invalid = "strict",
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Say what is in a file of word vectors: its format, words, dimensions, the method, lengths of the vectors, signature.

    \b
    lmkit vectors info svd.safetensors
    lmkit vectors info cc.fr.300.vec.gz

    Lengths are Euclidean. A vector of zeros has no direction, and no cosine. Words that come again are left out when vectors of other
    tools are read: how many says repeated_words.

    Memory: lmkit's own files are mapped from disk; all others are read whole, in 4 bytes for each value.
    """
    from lmkit.file_figures import described
    from lmkit.storage import load_vectors_and_form
    from lmkit.vectors.description import describe_vectors

    printed = form_of(as_, json=json)
    found, form = load_vectors_and_form(shared.model_source(vectors, "a file of word vectors"), encoding_errors)
    write_record(printed, described(vectors, form, describe_vectors(found)))
