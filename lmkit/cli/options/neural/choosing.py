"""Options that are made of settings: one for each choice of a network's shape; and for each setting of its training, by the same rule."""

from collections.abc import Mapping
from dataclasses import fields, make_dataclass
from typing import Annotated, Any, get_type_hints

from lmkit.cli.declared import Option
from lmkit.neural.architectures.choices import CHOICES

Declared = tuple[str, Any, None]  # name, type and default of a field
HELP = {  # by the name of a choice: what stands for its value, and what it is
    "dimensions": ("D", "Coordinates of the vector of a token."),
    "layers": ("N", "Blocks of attention, one on the other."),
    "heads": ("N", "Heads of attention, which share the dimensions."),
    "context": ("N", "Tokens that a place can look at, itself among them."),
    "positions": (None, "Vectors of places: learned, or sinusoidal, which stay as they are."),
    "order": ("N", "The token and the N-1 before it."),
    "hidden": ("N", "Units of tanh."),
    "tied": (None, "Whether the output has the vectors of the input."),
}
SPELLED = {  # otherwise than by their names
    "order": ["-n", "--order"],
    "dimensions": ["-d", "--dimensions"],
    "tied": ["--tied/--untied"],
    "rate": ["--learning-rate"],
    "decay": ["--weight-decay"],
    "held_out": ["--held-out-share"],
}
FORMERLY = {"rate": ("--rate",), "decay": ("--decay",)}


def optional(
    name: str, kind: Any, help_text: tuple[str | None, str], defaults: Mapping[str, Any], names: tuple[str, ...] = ()
) -> Declared:
    """An option that may be left out. defaults: by architecture, of those that have it; names: values, where the type does not list them."""
    metavar, text = help_text
    if len(defaults) == 1:
        text = f"With {next(iter(defaults))}: {text[0].lower()}{text[1:]}"
    usual = "" if "[default:" in text else in_words(defaults)
    how: dict[str, Any] = {"help": text, "metavar": metavar, "formerly": FORMERLY.get(name, ()), "complete": names}
    how |= {"usual": usual} if usual else {"show_default": False} if kind is bool else {}
    spelled = SPELLED.get(name, [f"--{name.replace('_', '-')}"])
    return name, Annotated[kind | None, Option(*spelled, **how)], None


def in_words(defaults: Mapping[str, Any]) -> str:
    """The default of each architecture; said once where all have the same."""
    yes = {True: "yes", False: "no"}
    told = {name: yes.get(value, str(value)) if type(value) is bool else f"{value:g}" if type(value) is float else str(value)
            for name, value in defaults.items() if value is not None}  # fmt: skip
    if len(set(told.values())) == 1 and len(told) == len(defaults):
        return next(iter(told.values()))
    return ", ".join(f"{value} {name}" for name, value in told.items())


def shape_options(usual: Mapping[str, Mapping[str, Any]]) -> type:
    """A dataclass with an option for each choice of a shape. usual: the defaults of an architecture that differ from its own."""
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for architecture, choices in CHOICES.items():
        kinds = get_type_hints(choices)
        for choice in fields(choices):
            default = usual.get(architecture, {}).get(choice.name, choice.default)
            found.setdefault(choice.name, (kinds[choice.name], {}))[1][architecture] = default
    declared = [optional(name, kind, HELP[name], defaults) for name, (kind, defaults) in found.items()]
    return make_dataclass("Shaped", declared, repr=False, eq=False)


def said(options: object, group: type) -> dict[str, Any]:
    """What was said of the options of a group, by name."""
    found = {each.name: getattr(options, each.name) for each in fields(group)}
    return {name: value for name, value in found.items() if value is not None}
