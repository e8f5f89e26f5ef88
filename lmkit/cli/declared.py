"""Options and arguments as commands declare them: typer, which takes a fifth of the time of a start, hears of them if it is needed."""

from typing import Annotated, Any, get_args, get_origin


class Declared:
    """What is said of a parameter: names, and the rest as typer has it."""

    kind: str  # what typer calls it

    def __init__(self, *names: str, **how: Any) -> None:
        self.names, self.how = names, how


class Option(Declared):
    """An option: it has a name."""

    kind = "Option"


class Argument(Declared):
    """An argument: it has a place."""

    kind = "Argument"


def taken_apart(annotation: Any) -> tuple[Any, Declared]:
    """The type of a parameter, and what is said of it. TypeError if nothing is."""
    if get_origin(annotation) is Annotated:
        kind, *told = get_args(annotation)
        for each in told:
            if isinstance(each, Declared):
                return kind, each
    raise TypeError(f"{annotation} declares neither an Option nor an Argument.")


def for_typer(annotation: Any) -> Any:
    """The annotation as typer has it."""
    import typer

    kind, told = taken_apart(annotation)
    return Annotated[kind, getattr(typer, told.kind)(*told.names, **told.how)]
