"""Options and arguments as help has them, in panels."""

import re
from collections.abc import Iterable, Sequence

from lmkit.cli.declared import READING, RESOURCES, VOCABULARY, Parameter
from lmkit.locales import said

LONG = 22  # characters of the values of an option that a short page has no place for
OWN, MORE = "Options", "More"  # panels of what a command has for itself, and of what a short page has no place for
DETAILS = re.compile(r" \[|\s*;")  # begins what a line has no place for
LAST = (READING, VOCABULARY, RESOURCES)  # panels of what many commands have
PANELS = (OWN, MORE, *LAST)


def panels_of(parameters: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """The options of a command by panel: its own first, what many have last."""
    found: dict[str, list[Parameter]] = {OWN: []}
    for each in parameters:
        if not each.is_argument:
            found.setdefault(each.told.how.get("panel", OWN), []).append(each)
    ordered = [*(name for name in found if name not in LAST), *LAST]
    return {name: found[name] for name in ordered if found.get(name)}


def synopsis(parameters: Sequence[Parameter]) -> str:
    """What stands behind the name of a command: options, those that are required by name, arguments in their order."""
    needed = [f"{each.names[0]} {each.metavar}" for each in parameters if each.is_required and not each.is_argument]
    places = [each.metavar for each in parameters if each.is_argument]
    return " ".join(["[OPTIONS]", *needed, *places])


def left(parameter: Parameter, *, short: bool = False) -> str:
    """How an option, or an argument, is written. short: of many values that are listed, the name stands for them."""
    if parameter.is_argument:
        return parameter.metavar
    if short and stands_beside(parameter):
        return f"{', '.join(parameter.names)} {parameter.names[-1].rpartition('-')[2].upper()}"
    shown = ", ".join(spelled(*pair) for pair in sorted(parameter.switches, key=lambda pair: pair[0].startswith("--")))
    return shown if parameter.is_flag else f"{shown} {parameter.metavar}"


def spelled(yes: str, no: str) -> str:
    """A name, with the one that takes a flag back."""
    if not no:
        return yes
    return f"--[no-]{yes[2:]}" if no == f"--no-{yes[2:]}" else f"{yes}, {no}"


def right(parameter: Parameter) -> str:
    """What is said of an option, or an argument, and its default, unless that is nothing or stands there already."""
    told: str = parameter.told.how.get("help", "")
    default = parameter.told.how.get("usual", parameter.default)
    is_shown = parameter.told.how.get("show_default", True) and not parameter.is_argument and not parameter.is_required
    if not is_shown or default is None or isinstance(default, bool) or default in ("", []) or "[default" in told:
        return said(told)
    return f"{said(told).removesuffix('.')} {said(f'[default: {default}]')}."


def in_short(parameter: Parameter) -> str:
    """What is said of an option in one line: without its default, and what follows a semicolon; of values that are listed, these first."""
    told = DETAILS.split(said(parameter.told.how.get("help", "")))[0].removesuffix(".")
    return f"{parameter.metavar}: {told}" if stands_beside(parameter) else told


def stands_beside(parameter: Parameter) -> bool:
    """Whether a short page has no place for the values of an option after its name."""
    return not parameter.is_argument and not parameter.is_flag and len(parameter.metavar) > LONG


def name_of(parameter: Parameter) -> str:
    """The name of an option in a list of names."""
    pair = next(pair for pair in parameter.switches if pair[0] == parameter.long_name)
    return spelled(*pair).partition(",")[0]
