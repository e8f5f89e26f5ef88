"""Where a model comes from, and what may be relied on in it: all that a file says of a model beside its numbers."""

from dataclasses import dataclass, field
from typing import Any

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.files.older_details import closed_of_details, traits_of_details
from lmkit.ngrams.values.protocol import Precision
from lmkit.scoring.traits import Traits
from lmkit.signature import openness, stated
from lmkit.text.settings import TextSettings


@dataclass(frozen=True, eq=False)
class Origin:
    """What is said of a model. The defaults are those of a model of another tool."""

    details: dict[str, Any] = field(default_factory=lambda: {"smoothing": "arpa"})
    parameters: dict[str, Any] = field(default_factory=dict)
    settings: TextSettings | None = None
    traits: Traits = field(default_factory=Traits)
    closed: bool = False
    precision: Precision = "single"  # that its values had, or are to have

    @classmethod
    def of(cls, model: NgramModel) -> "Origin":
        """What is said of a model in memory."""
        return cls(model.details, model.parameters, model.settings, model.traits, model.closed, model.precision)

    def as_dict(self) -> dict[str, Any]:
        """All of this as JSON values, but for the precision, which the values themselves show where they are stored."""
        settings = None if self.settings is None else self.settings.as_dict()
        said = {"details": self.details, "parameters": self.parameters, "settings": settings}
        return said | {"traits": self.traits.as_dict(), "closed": self.closed}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Origin":
        """The origin of `as_dict`, or of a file from before traits were stored. ValueError, KeyError or TypeError for damages."""
        details, parameters, settings = values["details"], values["parameters"], values["settings"]
        check_metadata(details, parameters)
        is_older = "traits" not in values
        closed = closed_of_details(details) if is_older else values["closed"]
        precision = values.get("precision") or stated(details, "precision", "single")
        if type(closed) is not bool or precision not in ("single", "double"):
            raise ValueError("the settings of the model are damaged")
        return cls(
            details,
            parameters,
            None if settings is None else TextSettings.from_dict(settings),
            traits_of_details(details) if is_older else Traits.from_dict(values["traits"]),
            closed,
            precision,
        )

    def fields_of_model(self, precision: Precision, closed: bool) -> dict[str, Any]:
        """The fields of a model with these figures. precision: of its values; closed: whether <unk> turned out to be no event."""
        return {
            "details": self.details | openness(closed) | {"precision": precision},
            "parameters": self.parameters,
            "settings": self.settings,
            "traits": self.traits,
            "closed": closed,
        }


def check_metadata(details: Any, parameters: Any) -> None:
    """ValueError unless these are what lmkit stores as the details and parameters of a model."""
    if not isinstance(details, dict) or not all(is_stated(value) for value in (*details, *details.values())):
        raise ValueError("the details of the model are damaged")
    if not isinstance(parameters, dict) or not isinstance(parameters.get("alpha", 1.0), int | float):
        raise ValueError("the parameters of the model are damaged")  # noqa: TRY004 (callers expect one kind)
    for name, entries in parameters.items():
        listed = entries if isinstance(entries, list) else []
        if not all(is_parameter_of_order(entry) for entry in listed):
            raise ValueError(f"the {name.replace('_', ' ')} of the model are damaged")


def is_stated(value: Any) -> bool:
    """Whether this can stand in a signature, which is one line of text."""
    return value.isprintable() if isinstance(value, str) else isinstance(value, int | float)


def is_parameter_of_order(entry: Any) -> bool:
    """Whether this is an order and what was estimated for it: numbers, lists of numbers, words."""
    if not isinstance(entry, dict) or type(entry.get("order")) is not int:
        return False
    values = [item for value in entry.values() for item in (value if isinstance(value, list) else [value])]
    return all(isinstance(value, int | float | str) for value in values)
