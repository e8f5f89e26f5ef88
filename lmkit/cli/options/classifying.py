"""The options of `lmkit classify`: the models and their names, and what becomes of the records."""

import os
from dataclasses import dataclass
from typing import Annotated

from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Prefix, check_prefix
from lmkit.engine.remote.names import is_remote, shown
from lmkit.errors import UsageError

Inputs = Annotated[
    list[str],
    Argument(
        metavar="MODEL... [FILE]...",
        help="Models, which are known by what they hold, or given as NAME=MODEL [default name: that of the file]; then text as everywhere, - or none: standard input.",
    ),
]


@dataclass(repr=False, eq=False)
class Classifying(shared.TextReading):
    """What decides, and what becomes of the records."""

    prior: Annotated[
        str | None,
        Option(metavar="NAME=P,...", help="How probable each class is before anything is read [default: equally]."),
    ] = None
    label: Annotated[
        str | None,
        Option(metavar="FIELD", help="The field that holds the right class: show a confusion table in place of rows."),
    ] = None
    id: Annotated[
        str | None,
        Option(
            metavar="FIELD", help="The field or column that names records [default: the number of the line or row]."
        ),
    ] = None
    append: Annotated[
        bool, Option("--append", help="Write the records as they came, class and posterior added to each.")
    ] = False
    prefix: Prefix = ""
    workers: shared.Workers = None

    def check(self, output: str | None) -> None:
        """UsageError for options that would do nothing."""
        if output is not None and not self.append:
            raise UsageError("-o is where --append writes the records.", "Add --append, or print the rows into a file.")
        check_prefix(self.prefix, append=self.append)
        if self.id is not None and (self.append or self.label is not None):
            raise UsageError("--id names the rows, and with --append or --label there are none.", "Leave it out.")

    def priors(self) -> dict[str, float] | None:
        """The priors by class. UsageError for what is none."""
        return None if self.prior is None else dict(map(parse_prior, self.prior.split(",")))


def parse_prior(text: str) -> tuple[str, float]:
    """The class and the probability of NAME=P. UsageError for anything else."""
    name, equals, number = text.strip().rpartition("=")
    try:
        if equals:
            return name, float(number)
    except ValueError:
        pass
    raise UsageError(f"--prior: {text!r} is no prior.", "Write it as fr=0.7,en=0.3.")


def models_and_files(inputs: list[str]) -> tuple[dict[str, str], list[str]]:
    """The files of the models, by the names of their classes, and those of the text.

    The models are the first arguments, as far as they are NAME=MODEL or hold a model. UsageError for fewer than two, for two of the same name, for
    one after the text.
    """
    named = [model_of(each) for each in inputs]
    number = named.index(None) if None in named else len(named)
    for place, found in enumerate(named):
        if found is not None and place > number:
            raise UsageError(
                f"{shown(inputs[place])} is a model, and {shown(inputs[number])} before it is none.",
                "Name the models first, then the text.",
            )
    models: dict[str, str] = {}
    for name, path in filter(None, named):
        if name in models:
            raise UsageError(
                f"two models are called {name}: {shown(models[name])} and {shown(path)}.",
                "Name them: one=FILE other=FILE.",
            )
        models[name] = path
    if len(models) < 2:
        reason = f"{shown(inputs[number])} is none" if number < len(inputs) else "no more were given"
        raise UsageError(
            f"two models or more are needed, and {reason}.",
            "Name them first, then the text: lmkit classify fr.arpa en.arpa FILE.",
        )
    return models, inputs[number:]


def model_of(text: str) -> tuple[str, str] | None:
    """The class and the file of an argument that is a model, else None. UsageError for a name that no table could show."""
    from lmkit.storage import holds_model

    name, equals, path = text.partition("=")
    if not equals or os.path.lexists(text) or is_remote(text):  # of which a signed one has = in it
        if text == "-" or not holds_model(text):
            return None
        name, path = class_name(text), text
    if not name or not path or not name.isprintable():
        raise UsageError(f"{text!r}: there is no name of a class before =, or no model after it.", "Write NAME=MODEL.")
    return name, path


def class_name(path: str) -> str:
    """The name of a file without what tells its format: fr of models/fr.arpa.gz."""
    from lmkit.engine.files.output_formats import found_suffix
    from lmkit.text.sources.names import COMPRESSED, source_name

    name = os.path.basename(source_name(path))  # noqa: PTH119 (names need not be paths of this system)
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    found = found_suffix(name, "model", "recipe")
    return (name[: -len(found[1])] if found else name.rpartition(".")[0]) or name
