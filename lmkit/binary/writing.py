"""Writing KenLM's binary files, which its `query`, its Python module, and the decoders that link it read."""

import warnings
from collections.abc import Callable
from typing import IO

from lmkit.binary.content import Content
from lmkit.binary.writing_probing import write_probing
from lmkit.binary.writing_trie import write_trie
from lmkit.errors import ModelWarning
from lmkit.ngrams.backoff.model import NgramModel

WRITERS: dict[str, Callable[[Content, IO[bytes]], None]] = {"probing": write_probing, "trie": write_trie}


def write_kenlm(model: NgramModel, stream: IO[bytes], structure: str = "probing") -> None:
    """Write the model in single precision. DataError for orders that KenLM does not read; ModelWarning where scores become others.

    structure: hash tables, which are asked fastest, or a trie, which takes half the room.
    """
    content = Content.of(model)
    if model.traits.unseen_log10_backoff:
        warnings.warn(
            f"the model ({model.method}) backs off from histories that are not stored at a price, and KenLM does so for nothing: "
            "its scores will be others.\nMeasure with lmkit, or use another smoothing.",
            ModelWarning,
            stacklevel=2,
        )
    WRITERS[structure](content, stream)
