"""The signature: the settings that made a figure, printed beside it, so that two figures can be compared."""

from typing import Any

from lmkit.escaping import visible
from lmkit.version import __version__


def signature(parts: dict[str, Any]) -> str:
    """key:value pairs joined by |, as it stands beside every figure."""
    complete = parts | {"lmkit": __version__}
    return "|".join(f"{key.replace('_', '-')}:{signature_value(value)}" for key, value in complete.items())


def with_parts(made: str, parts: dict[str, Any]) -> str:
    """A signature with more parts, before the version if that ends it."""
    found, separator, version = made.partition(f"|lmkit:{__version__}")
    return found + "".join(f"|{key}:{signature_value(value)}" for key, value in parts.items()) + separator + version


def smoothing_of(details: dict[str, Any]) -> str:
    """The name of the smoothing among the details of a signature: for people to read, not for programs to rely on."""
    return str(details.get("smoothing", "unknown"))


def stated(details: dict[str, Any], name: str, default: Any = None) -> Any:
    """What the details of a signature say under a name, for what explains them to people."""
    return details.get(name, default)


def openness(closed: bool) -> dict[str, str]:
    """The vocabulary among the details of a signature: closed, or open to unknown words."""
    return {"vocabulary": "closed" if closed else "open"}


def signature_value(value: Any) -> str:
    """A value: yes and no for truth values, ten digits of other numbers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else visible(str(value))
