"""lmkit generate"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.protocol import Cells, number_cells
from lmkit.cli.output.forms.registry import table_writer
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.standard import while_read

if TYPE_CHECKING:
    from lmkit.scoring.generating.generated import GeneratedText
    from lmkit.scoring.protocol import Model

Seed = Annotated[
    int | None,
    Option(metavar="S", help="The same seed gives the same sentences [default: a new one, told].", min=0),
]
Temperature = Annotated[
    float,
    Option(metavar="T", help="Sample from p^(1/T): below 1 the probable words more often, 0 always the most probable."),
]
Top = Annotated[int, Option(metavar="K", help="Sample from the K most probable words; 0: from all.", min=0)]
MaxLength = Annotated[
    int | None,
    Option(
        metavar="L",
        help="Words after which a sentence is cut, the prompt included [default: 100; characters, bytes, subwords: 1000].",
        min=1,
    ),
]
Unknown = Annotated[bool, Option("--unknown", help="Let <unk> be drawn; else the other words share its probability.")]


COLUMNS = ("text", "tokens", "log10_prob", "finished")


@command(short="Generate sentences.", after="next", topic="Look", known_as=("sample", "gen"))
def generate(
    model: shared.Model,
    count: Annotated[int, Option(metavar="N", help="How many sentences.", min=1)] = 10,
    seed: Seed = None,
    temperature: Temperature = 1.0,
    top: Top = 0,
    prompt: Annotated[str, Option(metavar="WORDS", help="What every sentence begins with.")] = "",
    max_length: MaxLength = None,
    unknown: Unknown = False,
    json: shared.JsonOption = False,
    as_: As = None,
    quiet: shared.Quiet = False,
) -> None:
    """Generate sentences, one a line, sampled from the smoothed distribution, unseen continuations included.

    \b
    lmkit generate kn5.safetensors --count 3 --seed 1
    lmkit generate kn5.safetensors --prompt "l' eau" --temperature 0.7 --top 40 --json

    The same model, options and seed give the same sentences on any machine; of neural models, on machines that round alike.
    --json: `text`, `tokens` (</s> included), `log10_prob` under the model itself, `finished` (not cut).

    Memory: the model, of which lmkit's own format is mapped from disk, and up to 25 bytes for each n-gram that was looked at.
    """
    from lmkit.scoring.generating.draws import new_seed
    from lmkit.scoring.generating.generation import generate_text
    from lmkit.storage import load_predicting

    form = form_of(as_, json=json) if json or as_ else None  # sentences, also for people
    loaded = load_predicting(shared.model_source(model))
    if seed is None and temperature:  # else nothing is left to chance
        seed = new_seed()
        rendering.narrate(quiet, f"seed {seed}")
    with progress(quiet):
        blocks = generate_text(
            loaded,
            count,
            seed=seed,
            temperature=temperature,
            top=top or None,
            prompt=prompt,
            max_length=max_length,
            unknown=unknown,
        )
        cut = dead_ends = 0
        with shown_as(form) as write:
            for block in while_read(blocks):
                write(block, loaded)
                cut += int(block.cut.sum())
                dead_ends += int(block.dead_ends.sum())
    narrate_oddities(block, count, cut, dead_ends, quiet)


@contextmanager
def shown_as(form: Form | None) -> "Iterator[Callable[[GeneratedText, Model], None]]":
    """What writes a block of sentences: as a table with their figures, or one a line."""
    if form is None:
        from lmkit.engine.columns import as_lines

        yield lambda block, _: rendering.write_text(as_lines([block.texts()]))
        return
    with table_writer(form) as table:
        table.begin(COLUMNS)
        yield lambda block, model: table.write(cells_of(block, model))


def narrate_oddities(block: "GeneratedText", count: int, cut: int, dead_ends: int, quiet: bool) -> None:
    """Tell what sentences did not go as one might think."""
    if block.prompt.oov:
        rendering.narrate(quiet, f"not in the vocabulary, read as <unk>: {' '.join(block.prompt.oov)}")
    if cut:
        rendering.narrate(
            quiet, f"{cut:,} of {count:,} sentences were cut at the longest length allowed (--max-length)"
        )
    if dead_ends:
        rendering.narrate(
            quiet, f"{dead_ends:,} of {count:,} sentences ended where the model gives no word any probability"
        )


def cells_of(block: "GeneratedText", model: "Model") -> list[Cells]:
    """One row a sentence, with its figures."""
    return [Cells(block.texts()), *map(number_cells, (block.tokens, block.log10_probs(model), block.finished))]
