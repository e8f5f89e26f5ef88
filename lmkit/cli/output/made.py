"""What was made, as figures on standard output: for programs, which do not read what is told in words."""

from typing import Any

from lmkit.cli.output.forms.registry import Form
from lmkit.cli.output.records import write_record


def write_made(form: Form | None, value: Any, *, on_stdout: bool, **more: Any) -> None:
    """Write what `lmkit ngram info` says of a model or of counts, and what else is known of how it was made; nothing where no form is asked for."""
    if form is None:
        return
    from lmkit.families import family_of
    from lmkit.scoring.result import finite_or_none

    figures = family_of(value).describe(value) | more
    write_record(form, finite_or_none(figures), figures, on_stdout=on_stdout)
