"""What is told about a setting where it is defined: options, help, signatures, suites and comparisons follow from that."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args

from lmkit.errors import UsageError


class Role(Enum):
    """What a setting decides. WORDS are fixed when a model is made; the others may differ from text to text."""

    SENTENCES = "where sentences begin and end"
    WORDS = "what words are, and how they look"
    READING = "what is made of blank lines, and of words that have a meaning of their own"


@dataclass(frozen=True)
class Setting:
    """A field of settings: its name, type and default, and what is told about it."""

    name: str
    type: Any
    default: Any
    role: Role
    help: str  # of its option; {default} is where the default is told
    names: tuple[str, ...] = ()  # allowed values, where the type does not list them
    is_free: bool = False  # any text is allowed
    remedy: str = ""  # what to do where another value was meant
    shown: Literal["always", "if set"] = "always"  # in signatures
    only_with: tuple[str, str] | None = None  # another setting, and its value without which this one does nothing
    in_subwords: bool = False  # the file of a subword tokenizer can do it by itself
    help_after: str = ""  # the setting that help lists it after, if that is not the one before

    @property
    def values(self) -> tuple[Any, ...]:
        """The allowed values."""
        return (False, True) if self.type is bool else self.names or get_args(self.type)

    @property
    def option(self) -> str:
        """Its name on the command line, without dashes."""
        return self.name.replace("_", "-")

    def check(self, value: object) -> None:
        """UsageError unless the value is allowed."""
        if self.type is bool and type(value) is not bool:
            raise UsageError(f"{self.name} is {value!r}; it must be true or false.")
        if self.is_free:
            if not (isinstance(value, str) and value.isprintable()):
                raise UsageError(
                    f"{self.name} is {value!r}; it must be a text without control characters.", self.remedy
                )
            return
        if self.type is not bool and not (isinstance(value, str) and value in self.values):
            raise UsageError(not_among(self.name, value, self.values), self.remedy)

    def applies(self, settings: object) -> bool:
        """Whether it does anything beside the other settings."""
        return self.only_with is None or getattr(settings, self.only_with[0]) == self.only_with[1]

    def in_signature(self, settings: object) -> bool:
        """Whether it stands in the signature of these settings."""
        is_set = self.applies(settings) and getattr(settings, self.name) != self.default
        return self.shown == "always" or is_set


def told(role: Role, help_text: str, **more: Any) -> dict[str, Any]:
    """The metadata of a field of a dataclass that is a setting (more: see `Setting`)."""
    return {"role": role, "help": help_text} | more


def not_among(name: str, value: object, allowed: tuple[str, ...], others: str = "") -> str:
    """The message on a value that is not allowed, with the nearest one that is. others: what else is."""
    import difflib

    near = difflib.get_close_matches(str(value), allowed, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"{name} is {value!r}; it must be one of: {', '.join(allowed)}{others}{meant}."


def shown(value: object) -> str:
    """A setting as it stands in a signature: no and yes for truth values."""
    return {False: "no", True: "yes"}.get(value, str(value)) if isinstance(value, bool) else str(value)
