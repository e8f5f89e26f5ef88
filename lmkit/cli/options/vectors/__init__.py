"""Arguments of what takes word vectors."""

from typing import Annotated

from lmkit.cli.declared import Argument

Vectors = Annotated[
    str,
    Argument(
        metavar="VECTORS",
        help="Word vectors: lmkit's own (.safetensors), word2vec text or binary, GloVe, fastText .vec, plain or compressed; - is standard input.",
    ),
]
