"""Where the results of commands go: files, by the suffix of their name, or standard output."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.forms.registry import Form, Named, table_writer
from lmkit.engine.files.output_formats import Kind, Output, checked_output
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.table_files import Table
    from lmkit.ngrams.values.protocol import Precision
    from lmkit.scoring.protocol import Model

OF_CONTENT = ("order", "of_classes")  # what a form depends on that is not asked for
LISTED: tuple[Kind, ...] = ("table", "words")  # what options of a list are for, in a file too


def check_output(output: str | None, *kinds: Kind, option: str = "-o", to: str | None = None) -> Output:
    """What goes to the file of an option, or to standard output (- or None), of the kinds that the command can write.

    to: the format, if it is asked for apart from the name.

    Found now, and not after the work: UsageError for a name that says another format, or for a terminal that would get
    bytes; DataError where the file could not be written.
    """
    target = checked_output("-" if output is None else output, *kinds, option=option, to=to)
    if target.path == "-" and not target.format.text and standard_output.is_terminal():
        raise UsageError(
            "the result is binary and standard output is a terminal.",
            "Give a file with -o FILE, or pipe it into the next command.",
        )
    return target


def refuse_with_output(
    target: Output | None, given: dict[str, bool], *, json: bool = False, asked: Named | None = None
) -> None:
    """UsageError for options of a list (given: by name, whether they are there) when -o writes all, and for --json and --as with -o."""
    if target is None:
        return
    names = [] if target.kind in LISTED else [name for name, is_given in given.items() if is_given]
    names += ["--json"] * json + ["--as"] * (asked is not None)
    if names:
        raise UsageError(
            f"{', '.join(names)}: -o writes everything to a file, and no list.", "Leave one or the other out."
        )


def write_output(target: Output, content: Any, **how: Any) -> None:
    """Write a result where it is to go. how: what the writer of such files takes."""
    if target.path == "-":
        target.writer(content, standard_output.stream(text=target.format.text), target.suffix, **how)
        return
    with suppress(BrokenPipeError):  # of a pipe with a name, or /dev/stdout: it ends as standard output does
        target.write(content, **how)


def check_form(target: Output | None, **form: Any) -> None:
    """UsageError and DataError for files of models that cannot be as is asked (see `lmkit.saving.check_form`)."""
    if target is None:
        given = [f"--{name}" for name, value in form.items() if name not in OF_CONTENT and value]
        if given:
            raise UsageError(f"{', '.join(given)}: it says how a file is made, and none is written.", "Give -o FILE.")
        return
    from lmkit.saving import check_form

    check_form(target.suffix, **form)


def check_content(target: Output | None, value: Any, order: int | None = None) -> None:
    """The same of what is to be made of n-grams, once these are known. order: the length of the longest that are written; None: not known."""
    from lmkit.ngrams.within import AroundNgrams

    check_form(target, order=order, of_classes=isinstance(value, AroundNgrams))


def write_result(value: "Model", target: Output, precision: "Precision" = "single", **form: Any) -> None:
    """Write a model or counts, which is a part of the work (precision: of counts that become a model of another tool; form: see `lmkit.saving.save`)."""
    from lmkit.engine.progress import part
    from lmkit.saving import as_written

    part()
    write_output(target, as_written(value, target.suffix, precision), **form)


def write_listing(table: "Table", target: Output | None, form: Form = "plain", *, header: bool = False) -> None:
    """Write a table to a file, or its rows to standard output. header: whether pipes get one, too."""
    if target is not None:
        write_output(target, table)
        return
    from lmkit.cli.output.forms.protocol import Cells

    with table_writer(form) as writer:
        if header or form != "plain":
            writer.begin(table.names)
        blocks = map_in_order(lambda block: writer.prepared(list(map(Cells, block))), table.blocks, None)
        for block in standard_output.while_read(blocks):
            writer.put(block)
