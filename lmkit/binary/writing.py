"""Writing KenLM's binary files, which its `query`, its Python module, and the decoders that link it read."""

import warnings
from collections.abc import Callable
from typing import IO

from lmkit.binary.content import Content
from lmkit.binary.writing_probing import write_probing
from lmkit.binary.writing_trie import write_trie
from lmkit.errors import ModelWarning
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.text.setting_fields import Role
from lmkit.text.settings import TextSettings

WRITERS: dict[str, Callable[[Content, IO[bytes]], None]] = {"probing": write_probing, "trie": write_trie}


def write_kenlm(model: NgramModel, stream: IO[bytes], structure: str = "probing") -> None:
    """Write the model in single precision. DataError for orders that KenLM does not read; ModelWarning where scores become others.

    structure: hash tables, which are asked fastest, or a trie, which takes half the room.
    """
    content = Content.of(model)
    if model.traits.unseen_log10_backoff:
        warnings.warn(
            ModelWarning(
                f"the model ({model.method}) backs off from histories that are not stored at a price, and KenLM does so for nothing: "
                "its scores will be others.",
                "Measure with lmkit, or use another smoothing.",
            ),
            stacklevel=2,
        )
    if model.settings is not None:
        warn_of_settings(model.settings)
    WRITERS[structure](content, stream)


def warn_of_settings(settings: TextSettings) -> None:
    """ModelWarning if text for the model is not read as any text is, which KenLM's files have no place for."""
    different = settings.differences(TextSettings(), Role.WORDS, Role.SENTENCES)
    if different:
        listed = "; ".join(f"{each.option} is {own}" for each, own, _ in different)
        warnings.warn(
            ModelWarning(
                f"KenLM's files do not hold how text is read for the model: {listed}.",
                "Give these options again where the file is scored with; other programs need such text.",
            ),
            stacklevel=3,
        )
