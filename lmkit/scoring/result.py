"""What all results have in common: their figures by name, for people and as JSON."""

import math
from typing import Any


class Result:
    """A dataclass of figures."""

    def shown(self) -> dict[str, Any]:
        """The figures by name; those that are None do not apply, and are left out."""
        names: dict[str, Any] = getattr(self, "__dataclass_fields__", {})
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON values: None for what is infinite or undefined."""
        return {name: finite_or_none(value) for name, value in self.shown().items()}


def finite_or_none(value: Any) -> Any:
    """A figure as a JSON value: None in place of an infinite or undefined number, also of those within it."""
    if isinstance(value, dict):
        return {str(name): finite_or_none(item) for name, item in value.items()}
    if isinstance(value, list):
        return [finite_or_none(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
