"""--discount-fallback, whose value may be left out."""

from typing import Literal, get_args

Fallback = Literal["fixed", "generalised", "generalized"]


def complete_fallback(arguments: list[str]) -> list[str]:
    """The arguments of a command with --discount-fallback given its default value, fixed, where none follows."""
    if "--" in arguments:  # what follows are files, whatever they are called
        end = arguments.index("--")
        return complete_fallback(arguments[:end]) + arguments[end:]
    following = [*arguments, ""][1:]
    return [
        f"{argument}=fixed" if argument == "--discount-fallback" and after not in get_args(Fallback) else argument
        for argument, after in zip(arguments, following, strict=True)
    ]
