"""What is written for parameters, as values of their types. Nothing but Python is needed for that, which starts at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from lmkit.cli.declared import Parameter
from lmkit.errors import UsageError


def values_of(parameters: Sequence[Parameter], written: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all parameters: of those that are not written, their defaults. UsageError for what is none."""
    return {
        each.name: as_declared(each) if written.get(each.name) is None else as_value(each, written[each.name])
        for each in parameters
    }


def as_declared(parameter: Parameter) -> Any:
    """The default of a parameter; of decimals, one."""
    default = parameter.default
    return float(default) if parameter.kind is float and type(default) is int else default


def as_value(parameter: Parameter, written: Any) -> Any:
    """The value of what is written: of one word, of several, or whether a flag is set. UsageError for what is none."""
    if parameter.is_flag:
        return written
    name = parameter.long_name
    if parameter.number > 1:
        return tuple(number_of(kind, name, word) for kind, word in zip(get_args(parameter.kind), written, strict=True))
    if not parameter.several:
        return value_of(parameter, name, written)
    split = parameter.kind in (int, float) and not parameter.is_argument  # one word may have several numbers, as 1,2,3
    return [value_of(parameter, name, each) for word in written for each in (word.split(",") if split else [word])]


def value_of(parameter: Parameter, name: str, written: str) -> Any:
    """The value of one word. name: what the parameter is called. UsageError for what is none."""
    if parameter.choices:
        return chosen(parameter, name, written)
    if parameter.kind not in (int, float):
        return Path(written) if parameter.kind is Path else written
    return within(parameter, name, written, number_of(parameter.kind, name, written))


def number_of(kind: type[int] | type[float], name: str, written: str) -> Any:
    """A number. UsageError for what is none."""
    try:
        return kind(written)
    except ValueError:
        what, example = ("whole number", "3") if kind is int else ("number", without_percent(written) or "0.5")
        raise UsageError(f"{name} {shown(written)} is no {what}.", f"Write it as {example}.") from None


def without_percent(written: str) -> str:
    """A share in percent as the number that it is; empty for anything else."""
    try:
        return f"{float(written.strip().removesuffix('%')) / 100:.10g}" if written.strip().endswith("%") else ""
    except ValueError:
        return ""


def within(parameter: Parameter, name: str, written: str, number: Any) -> Any:
    """A number between the limits that are told. UsageError for others, and for what is undefined where there are limits."""
    least, most = parameter.told.how.get("min"), parameter.told.how.get("max")
    if least is not None and not number >= least:
        raise UsageError(f"{name} {shown(written)} is too small.", f"It is {least} or more.")
    if most is not None and not number <= most:
        raise UsageError(f"{name} {shown(written)} is too large.", f"It is {most} or less.")
    return number


def chosen(parameter: Parameter, name: str, written: str) -> str:
    """One of the values that are listed. UsageError, with the nearest one, for others."""
    if written in parameter.choices:
        return written
    from difflib import get_close_matches

    near = get_close_matches(written.lower(), parameter.choices, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    listed = ", ".join(parameter.choices)
    raise UsageError(f"{name} {shown(written)} is not one of its values.", f"{meant}These are: {listed}.")


def shown(written: str) -> str:
    """A word as messages have it: an empty one, or one with spaces, in quotes."""
    return written if written and " " not in written else repr(written)
