"""lmkit filter --against: the models, and the sides of a parallel text; and its --curve."""

from typing import TYPE_CHECKING

from lmkit.cli.options import groups as shared
from lmkit.cli.options.filtering import Plan
from lmkit.cli.options.selecting import Selecting
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.small_tables import row_writer

if TYPE_CHECKING:
    from lmkit.filtering.filtering import RecordSource
    from lmkit.filtering.measuring import Measuring
    from lmkit.scoring.protocol import Model
    from lmkit.text.sources.names import TextFile

NAMES = (
    "share",
    "records",
    "tokens",
    "perplexity",
    "random_perplexity",
    "random_lowest",
    "random_highest",
    "perplexity_excluding_oov",
    "oov",
)


def measured_by(options: Selecting, model: "Model", against: str | None) -> "Measuring":
    """What measures texts under a model, and against another one."""
    from lmkit.filtering.measuring import Measuring
    from lmkit.storage import load_scoring

    general = None if against is None else load_scoring(shared.model_source(against))
    made = model.settings or (None if general is None else general.settings)  # of other tools, nothing is known
    return Measuring(model, options.settings(made), general)


def source_of(options: Selecting, model: "Model", texts: "list[TextFile]") -> "RecordSource":
    """The records, and how they are measured: on both sides, if there are two."""
    from lmkit.filtering.filtering import OtherSide, RecordSource
    from lmkit.filtering.measuring import MeasuringBoth
    from lmkit.storage import load_scoring

    first = measured_by(options, model, options.against)
    how = options.reading(), shared.resources(options.workers, tmp=options.tmp)
    if options.bitext is None:
        return RecordSource(first, texts, *how)
    other = measured_by(options, load_scoring(shared.model_source(options.bitext)), options.bitext_against)
    beside = options.other_texts()
    side = OtherSide(other.settings, beside, options.bitext_field if beside is None else None)
    return RecordSource(MeasuringBoth(first, other), texts, *how, side)


def show_curve(
    options: Selecting, plan: Plan, source: "RecordSource", model: "Model", held_out: "TextFile", *, form: Form
) -> None:
    """Write the perplexity of the held-out text for each share, a line each."""
    from lmkit.filtering.curve import SHARES, selection_curve
    from lmkit.filtering.thresholds import parse_shares

    shares = SHARES if options.curve_shares is None else parse_shares(options.curve_shares)
    points = selection_curve(
        source, model, held_out, shares=shares, order=options.curve_order, criteria=plan.criteria, seed=options.seed
    )
    with row_writer(form, NAMES) as table:
        table.begin()
        for point in standard_output.while_read(points):
            table.write([getattr(point, name) for name in NAMES], point.as_dict())
