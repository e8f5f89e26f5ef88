"""The signature: the settings that made a figure, printed beside it, so that two figures can be compared."""

from typing import Any

from lmkit.version import __version__


def signature(parts: dict[str, Any]) -> str:
    """key:value pairs joined by |, as it stands beside every figure."""
    complete = parts | {"lmkit": __version__}
    return "|".join(f"{key.replace('_', '-')}:{signature_value(value)}" for key, value in complete.items())


def signature_value(value: Any) -> str:
    """A value: yes and no for truth values, ten digits of other numbers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
