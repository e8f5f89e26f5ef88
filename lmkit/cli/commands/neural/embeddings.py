"""lmkit neural embeddings"""

from typing import TYPE_CHECKING

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.models import NeuralModel
from lmkit.cli.options.output_format import ToVectors
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering

if TYPE_CHECKING:
    from lmkit.neural.model import NeuralModel as Model
    from lmkit.vectors.word_vectors import WordVectors


@command(short="Write the embeddings of a neural model as word vectors.", after="train")
def embeddings(
    model: NeuralModel,
    output: shared.Output = None,
    to: ToVectors = None,
    quiet: shared.Quiet = False,
) -> None:
    """Write the embeddings of a neural model as word vectors, for everything that `lmkit vectors` does, and for other programs.

    \b
    lmkit neural embeddings m.safetensors -o v.vec
    lmkit vectors neighbours v.vec frère
    lmkit neural embeddings m.safetensors -o - --to glove | head -3

    A word has the vector by which the network reads it; <s>, </s> and <unk> are left out. Words stand in the order of the vocabulary,
    that of their first occurrence in the training text: the model does not know how frequent they are. What matters among them is the
    angle (cosine), as with other vectors.

    Memory: the model is mapped from disk.
    """
    from lmkit.storage import load_neural

    target = outputs.check_output(output, "vectors", to=to)
    found = embeddings_of(load_neural(shared.model_source(model)))
    outputs.write_output(target, found)
    rendering.narrate(quiet, f"{len(found):,} words, {found.dimensions} dimensions")
    rendering.narrate(quiet, f"signature {found.signature()}")


def embeddings_of(model: "Model") -> "WordVectors":
    """The embeddings as vectors: neither of the two families knows the other."""
    from lmkit.neural.embeddings import made_by, word_embeddings
    from lmkit.vectors.word_vectors import WordVectors

    words, rows = word_embeddings(model)
    return WordVectors(words, rows, model.method, made_by(model))
