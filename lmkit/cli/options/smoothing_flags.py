"""The flags of smoothings, as these declare them: which is wanted, and what it is told."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, make_dataclass
from functools import update_wrapper
from typing import Annotated, Any, Literal, get_args, get_origin

from lmkit.cli.declared import Option as DeclaredOption
from lmkit.cli.options.numbers import parse_fractions
from lmkit.smoothing.options import Option
from lmkit.smoothing.registry import Smoothing, with_flags


def declared_options(rows: Iterable[Smoothing]) -> dict[str, Option]:
    """The options of these smoothings by the name of their flag; what several are told has one flag."""
    return {name: option for row in rows for name, option in row.flags.items()}


def switches(rows: Iterable[Smoothing], help_text: str) -> type:
    """A group of options that say which smoothing is wanted. help_text: with {title} and {name} of each."""
    told = {row.name: help_text.format(title=row.title, name=row.name) for row in rows}
    return make_dataclass("Switches", [(parameter(name), switch(name, text), False) for name, text in told.items()])


def flags(options: Iterable[Option], help_text: str = "{help}") -> type:
    """A group of options that say what smoothings are told. help_text: with {help} of each."""
    return make_dataclass("Flags", [(parameter(option.name), *flag(option, help_text)) for option in options])


def switch(name: str, help_text: str) -> Any:
    """The annotation of a flag that is given or not."""
    return Annotated[bool, DeclaredOption(f"--{name}", help=help_text)]


def flag(option: Option, help_text: str) -> tuple[Any, Any]:
    """The annotation and the default of the flag of an option. None: it is not given."""
    text = help_text.format(help=option.flag.help)
    if option.type is bool:
        return switch(option.name, text), False
    formerly = tuple(f"--{name}" for name in option.flag.formerly)
    told = DeclaredOption(f"--{option.name}", metavar=option.flag.metavar, help=text, formerly=formerly)
    return Annotated[written_type(option) | None, told], None


def written_type(option: Option) -> Any:
    """The type of what is written behind a flag: that of the option, with its other spellings; of several numbers, text."""
    declared = option.flag.type or next(
        each for each in (*get_args(option.type), option.type) if each is not type(None)
    )
    if get_origin(declared) is Literal:
        return Literal[*get_args(declared), *option.flag.spellings]
    return str if get_origin(declared) is Sequence else declared


def parameter(name: str) -> str:
    """The name of the parameter of a flag."""
    return name.replace("-", "_")


def wanted(group: Any) -> list[str]:
    """The smoothings that were asked for."""
    return [name for name in with_flags() if getattr(group, parameter(name), False)]


def given(group: Any) -> dict[str, Option]:
    """The options that were given, by the names of their flags."""
    options = declared_options(with_flags().values()).items()
    return {name: option for name, option in options if getattr(group, parameter(name), None) not in (None, False)}


def told(group: Any) -> dict[str, Any]:
    """What a smoothing is told, as the keywords that it takes."""
    return {option.field: value_of(option, getattr(group, parameter(name))) for name, option in given(group).items()}


def value_of(option: Option, written: Any) -> Any:
    """The value of an option for what was written behind its flag."""
    if option.type is bool:
        return option.flag.sets
    if isinstance(written, str) and written_type(option) is str:
        return parse_fractions(f"--{option.name}", written)
    return option.flag.spellings.get(written, written) if isinstance(written, str) else written


def complete_bare(arguments: list[str]) -> list[str]:
    """The arguments of a command, with the values of flags that stand alone and may."""
    if "--" in arguments:  # what follows are files, whatever they are called
        end = arguments.index("--")
        return complete_bare(arguments[:end]) + arguments[end:]
    bare = {f"--{name}": each for name, each in declared_options(with_flags().values()).items() if each.flag.bare}
    return [
        f"{argument}={bare[argument].flag.bare}"
        if argument in bare and following not in get_args(written_type(bare[argument]))
        else argument
        for argument, following in zip(arguments, [*arguments, ""][1:], strict=True)
    ]


def in_place(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter that is annotated with a group of options spread into these, where it stands."""
    parameters = inspect.signature(command).parameters
    groups = {name: group for name, each in parameters.items() if (group := group_of(each.annotation)) is not None}
    spread = [part for each in parameters.values() for part in spread_parameter(each)]

    def run(**values: Any) -> None:
        made = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**values, **made)

    update_wrapper(run, command)
    run.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in spread}
    return run


def spread_parameter(one: inspect.Parameter) -> list[inspect.Parameter]:
    """The parameters of a group of options; those of no group stay one."""
    group = group_of(one.annotation)
    return (
        [one]
        if group is None
        else [
            inspect.Parameter(field.name, one.kind, default=field.default, annotation=field.type)
            for field in fields(group)
        ]
    )


def group_of(annotation: Any) -> Any:
    """The group of options in the annotation of a parameter; None if it has none."""
    return next((each for each in getattr(annotation, "__metadata__", ()) if isinstance(each, type)), None)
