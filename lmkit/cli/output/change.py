"""What became of a model that was made smaller: told as before, after, and how much that is."""

from pathlib import Path
from typing import TYPE_CHECKING

from lmkit.cli.output import rendering

if TYPE_CHECKING:
    from lmkit.engine.resources import Resources
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.text.sources.names import TextFile


def narrate_perplexities(
    quiet: bool, before: "NgramModel", after: "NgramModel", held_out: "TextFile", resources: "Resources"
) -> None:
    """Tell the perplexity of the held-out text under both models."""
    from lmkit.scoring.perplexity import perplexity
    from lmkit.text.sources.names import source_name

    old, new = (perplexity(model, held_out, resources=resources).perplexity for model in (before, after))
    rendering.narrate(
        quiet, f"perplexity of {source_name(held_out)}: {old:.7g} before, {new:.7g} after ({new / old - 1:+.2%})"
    )


def narrate_sizes(quiet: bool, before: str, after: str) -> None:
    """Tell the sizes of two files, where both are files."""
    if Path(before).is_file() and Path(after).is_file():
        old, new = (Path(name).stat().st_size for name in (before, after))
        rendering.narrate(quiet, f"size: {old:,} bytes before, {new:,} after ({new / old - 1:+.2%})")
