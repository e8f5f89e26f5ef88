"""What became of a model that was made smaller: told as before, after, and how much that is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import rendering
from lmkit.engine.remote.names import is_remote
from lmkit.engine.shards.places import is_folder_of_shards

if TYPE_CHECKING:
    from lmkit.engine.resources import Resources
    from lmkit.scoring.protocol import Model
    from lmkit.text.sources.names import TextFile


def narrate_perplexities(
    quiet: bool, before: "Model", after: "Model", held_out: "TextFile", resources: "Resources"
) -> dict[str, Any]:
    """Tell the perplexity of the held-out text under both models; returns these figures by name."""
    from lmkit.scoring.perplexity import perplexity
    from lmkit.text.sources.names import source_name

    old, new = (perplexity(model, held_out, resources=resources).perplexity for model in (before, after))
    rendering.narrate(
        quiet, f"perplexity of {source_name(held_out)}: {old:.7g} before, {new:.7g} after ({new / old - 1:+.2%})"
    )
    return {"held_out": source_name(held_out), "perplexity_before": old, "perplexity": new}


def size_of(name: str) -> int | None:
    """The size of a file, or of all of a folder of shards, in bytes; None for what is none."""
    if is_folder_of_shards(name) and not is_remote(name):
        return sum(place.stat().st_size for place in Path(name).iterdir())
    return Path(name).stat().st_size if Path(name).is_file() else None


def narrate_sizes(quiet: bool, before: int | None, after: str) -> dict[str, Any]:
    """Tell the size of a file as it was, and of another, where both are files; returns these figures by name."""
    if before is None or (new := size_of(after)) is None:
        return {}
    rendering.narrate(quiet, f"size: {before:,} bytes before, {new:,} after ({new / before - 1:+.2%})")
    return {"bytes_before": before, "bytes": new}
