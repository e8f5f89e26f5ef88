"""The form that tables and figures are printed in."""

from typing import Annotated

from lmkit.cli.declared import Option
from lmkit.cli.output.forms.registry import Form, Named, form_of, forms
from lmkit.errors import UsageError

__all__ = ["As", "Form", "figures_form", "form_of", "option_given"]

As = Annotated[
    Named | None,
    Option(
        "--as",
        metavar="FORM",
        help=f"Print it in this form: {', '.join(forms())}; --json is short for --as json [default: a table for people, TSV for pipes].",
    ),
]


def option_given(asked: Named | None, *, json: bool) -> str | None:
    """The option that says what is printed, as it was given; None: neither was."""
    return "--json" if json else None if asked is None else "--as"


def figures_form(asked: Named | None, *, json: bool, on_stdout: bool) -> Form | None:
    """The form of figures beside what else is made; None: words on standard error will do.

    on_stdout: whether standard output has place for them; if not, they go to standard error, where only JSON can be told from words.
    """
    if asked is None and not json:
        return None
    form = form_of(asked, json=json)
    if form != "json" and not on_stdout:
        raise UsageError(
            f"--as {form}: standard output is for what is made, and figures go to standard error, as JSON only.",
            "Give a file with -o, or --json.",
        )
    return form
