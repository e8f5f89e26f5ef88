"""Options and arguments as commands declare them, and what follows from that: names, types, defaults."""

from inspect import Parameter as Signed
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

READING, VOCABULARY, RESOURCES = (
    "Reading text",
    "Vocabulary",
    "Resources",
)  # panels of help, after those of a command's own


class Declared:
    """What is said of a parameter: names, and how it is read, explained and completed.

    help, metavar, show_default, usual: what help says (usual: a default that depends on other options, in words); min, max: of numbers; panel: where help lists it, if it is not one of a command's own;
    formerly: names that it had, which work for one release, with a notice; complete: names that may stand there, or a function that gives them.
    """

    def __init__(self, *names: str, **how: Any) -> None:
        self.names, self.how = names, how


class Option(Declared):
    """An option: it has a name."""


class Argument(Declared):
    """An argument: it has a place."""


class Parameter:
    """A parameter of a command: what is said of it, and what its values are."""

    def __init__(self, signed: Signed) -> None:
        self.name, self.default = signed.name, signed.default
        annotation, self.told = taken_apart(signed.annotation)
        kind = alone(annotation)
        self.several = get_origin(kind) is list
        self.kind = get_args(kind)[0] if self.several else kind  # of one value
        self.number = len(get_args(kind)) if get_origin(kind) is tuple else 1  # of words that a value takes
        self.is_argument = isinstance(self.told, Argument)
        self.is_flag = self.kind is bool and not self.is_argument
        self.is_required = signed.default is Signed.empty

    @property
    def switches(self) -> "list[tuple[str, str]]":
        """The names of an option; of a flag that can be taken back, each with the name that does so, of others with an empty one."""
        written = self.name.replace("_", "-")
        derived = f"--{written}/--no-{written}" if self.is_flag else f"--{written}"
        return [(yes, no) for yes, _, no in (each.partition("/") for each in self.told.names or (derived,))]

    @property
    def names(self) -> list[str]:
        """All names of an option, short ones first."""
        return sorted((name for pair in self.switches for name in pair if name), key=lambda name: name.startswith("--"))

    @property
    def long_name(self) -> str:
        """The name of an option in sentences; what stands for an argument."""
        if self.is_argument:
            return self.metavar
        names = [yes for yes, _ in self.switches]
        return next((name for name in names if name.startswith("--")), names[0])

    @property
    def formerly(self) -> tuple[str, ...]:
        """Names that the option had: they work for one release, with a notice."""
        names: tuple[str, ...] = self.told.how.get("formerly", ())
        return names

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that are allowed, if they are listed."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    @property
    def metavar(self) -> str:
        """What stands for a value in help."""
        said: str | None = self.told.how.get("metavar")
        if said is not None:
            return said
        return "|".join(self.choices) or {int: "N", float: "X"}.get(self.kind, self.name.upper())


def taken_apart(annotation: Any) -> tuple[Any, Declared]:
    """The type of a parameter, and what is said of it. TypeError if nothing is."""
    if get_origin(annotation) is Annotated:
        kind, *told = get_args(annotation)
        for each in told:
            if isinstance(each, Declared):
                return kind, each
    raise TypeError(f"{annotation} declares neither an Option nor an Argument.")


def alone(annotation: Any) -> Any:
    """A type without None."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = [each for each in get_args(annotation) if each is not type(None)]
    return annotation
