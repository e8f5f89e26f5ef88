"""Attention of a model: where the tokens of a sentence look, per layer and head."""

import shutil
from typing import TYPE_CHECKING

from lmkit.cli.commands.plot.output import needs_ascii, terminal_colors, write_picture
from lmkit.cli.options import groups as shared
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.output import rendering
from lmkit.cli.output.small_tables import write_small_table

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output


def show_attention(
    model: str, text: str, options: Tabulating, target: "Output | None", layer: int | None, head: int | None
) -> None:
    """Write the weights of a sentence wherever they are wanted: in the terminal unless there is a file, or JSON is asked for."""
    from lmkit.neural.attention_weights import COLUMNS, attention_weights
    from lmkit.plots.attention.text import attention_text
    from lmkit.plots.attention.view import attention_view
    from lmkit.storage import load_neural

    weights = attention_weights(load_neural(shared.model_source(model)), text).of(layer, head)
    if weights.oov:
        rendering.narrate(options.quiet, f"not in the vocabulary, read as <unk>: {' '.join(weights.oov)}")
    view = attention_view(weights, options.title)
    picture = options.picture(target)
    if picture is not None:
        write_picture(picture, view, [view.title, *view.tokens], options.quiet)
    is_listed = options.json or options.as_ is not None
    if is_listed or (target is not None and picture is None):
        write_small_table(COLUMNS, weights.rows(), target, form=options.form)
    if options.plot or (target is None and not is_listed):
        columns, ascii_only = shutil.get_terminal_size().columns, needs_ascii(options.ascii)
        rendering.write(attention_text(view, columns, ascii_only=ascii_only, colors=terminal_colors()).encode())
        rendering.write_line(f"signature {weights.signature}")
