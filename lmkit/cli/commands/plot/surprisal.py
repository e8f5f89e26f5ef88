"""lmkit plot surprisal"""

import math
import shutil
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.commands.plot.output import ScoredDrawing, Targets, needs_ascii, terminal_colors, write_picture
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.errors import UsageError
from lmkit.locales import to_say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmkit.plots.files import ShownSurprisal
    from lmkit.scoring.surprisal import Surprisal

TITLE_LETTERS = 60  # of a sentence


@command(short="Show the bits of each word as colour.", after="perplexity")
def surprisal(
    options: ScoredDrawing,
    model: shared.Model,
    sentence: Annotated[str | None, Argument(metavar="[SENTENCE]", help="The sentence, in quotes.")] = None,
    file: Annotated[
        str | None,
        Option(metavar="TEXT", help="A text in place of the sentence, one sentence a line; - is standard input."),
    ] = None,
    scale: Annotated[
        float | None,
        Option(
            metavar="BITS", help="The bits of full colour [default: those of a guess among all events of the model]."
        ),
    ] = None,
) -> None:
    """Show the surprisal of each token of a sentence, -log2 p in bits, as colour: in the terminal, as a page, as bars.

    \b
    lmkit plot surprisal kn3.safetensors "l' eau est claire"
    lmkit plot surprisal kn3.safetensors "l' eau est claire" -o eau.html
    lmkit plot surprisal kn3.safetensors --file test.txt -o test.html
    lmkit plot surprisal kn3.safetensors --file test.txt | sort -t "$(printf '\\t')" -k 3,3nr | head

    Into a pipe or file it prints rows: token, bits, order (length of the n-gram that gave the probability), oov; with
    --file the line before them. -o x.html writes a page; .svg .png .pdf bars, for which matplotlib is needed:
    pip install 'lmkit[plot]'.

    Memory: the model, of which lmkit's own format is mapped from disk, and some 200 MB for the text.
    """
    from lmkit.plots.files import ShownSurprisal
    from lmkit.plots.surprisal.view import surprisal_view
    from lmkit.scoring.surprisal import sentence_surprisal, text_surprisal
    from lmkit.storage import load_scoring
    from lmkit.text.sources.names import source_name

    if (sentence is None) == (file is None):
        raise UsageError("one thing to be scored is needed.", "Give a SENTENCE in quotes, or a text with --file.")
    if scale is not None and not 0 < scale < math.inf:
        raise UsageError(f"--scale is {scale:g}; it must be a number above 0.")
    if file is not None:
        shared.refuse_shared_stdin(model, [file])
    targets = options.targets("surprisal page", "surprisal picture", data="surprisal data")
    loaded = load_scoring(shared.model_source(model), options.unknown_word)
    settings = options.settings(loaded.settings)
    found: Iterable[Surprisal]
    if sentence is not None:
        found = [sentence_surprisal(loaded, sentence, reserved=options.reserved)]
        as_written = sentence if len(sentence) <= TITLE_LETTERS else sentence[: TITLE_LETTERS - 1] + "…"
    else:
        found = text_surprisal(loaded, options.texts([str(file)]), **options.for_scoring(settings))
        as_written = PurePath(source_name(str(file))).name
    title = options.title or to_say(f"Surprisal: {as_written}")
    shown = ShownSurprisal(found, surprisal_view(loaded, title, settings, scale))
    show(shown, options, targets, with_line=file is not None)


def show(shown: "ShownSurprisal", drawing: ScoredDrawing, targets: Targets, *, with_line: bool) -> None:
    """Write the surprisal wherever it is wanted."""
    from lmkit.plots.surprisal.data import as_tsv

    twice = targets.picture or (targets.figures and drawing.on_stdout)
    if twice or drawing.json:  # JSON is one object, whole or not at all
        shown = replace(shown, found=list(shown.found))
    if targets.picture is not None:
        words = [word for block in shown.found for word in block.words]
        write_picture(targets.picture, shown, [shown.view.title, *words], drawing.quiet)
    if targets.figures is not None:
        outputs.write_output(targets.figures, shown)
    if drawing.on_stdout and standard_output.is_terminal():
        show_in_terminal(shown, drawing)
    elif drawing.on_stdout:
        for piece in standard_output.while_read(as_tsv(shown.found, with_line=with_line)):
            rendering.write(piece)


def show_in_terminal(shown: "ShownSurprisal", drawing: ScoredDrawing) -> None:
    """The sentences as text, then how to read it."""
    from lmkit.plots.surprisal.text import key_text, surprisal_text

    colors, ascii_only = terminal_colors(), needs_ascii(drawing.ascii)
    columns = shutil.get_terminal_size().columns
    for block in standard_output.while_read(shown.found):
        for sentence in block.sentences():
            text = surprisal_text(sentence, shown.view, columns, ascii_only=ascii_only, colors=colors)
            rendering.write(f"{text}\n".encode())
    rendering.write(key_text(shown.view, ascii_only=ascii_only, colors=colors).encode())
    rendering.write_line(f"signature {shown.view.signature}")
