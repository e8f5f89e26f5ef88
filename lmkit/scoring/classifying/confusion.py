"""How often what was found is what is known: confusion tables, accuracy, precision and recall."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lmkit.scoring.result import finite_or_none

NONE = "(none)"  # the column of records without a class


@dataclass
class Confusion:
    """How many records of each label were found to be of each class."""

    classes: tuple[str, ...]
    counts: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # (label, class found), None: no class
    without_label: int = 0  # records that count for nothing

    def add(self, labels: Iterable[str | None], found: Iterable[str | None]) -> None:
        """Take in records: their labels, and the classes that were found, None where there is none."""
        for label, name in zip(labels, found, strict=True):
            if label is None:
                self.without_label += 1
            else:
                self.counts[label, name] += 1

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, and then what else records are labelled."""
        others = sorted({label for label, _ in self.counts} - set(self.classes))
        return (*self.classes, *others)

    @property
    def unknown_labels(self) -> dict[str, int]:
        """The labels that are no class, which nothing can be found to be; how many records have each."""
        return {label: self.of_label(label) for label in self.labels if label not in self.classes}

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The classes; and None, if there are records without one."""
        return (*self.classes, *([None] if any(name is None for _, name in self.counts) else []))

    def column_name(self, name: str | None) -> str:
        """What a column is called."""
        return NONE if name is None else name

    @property
    def records(self) -> int:
        """How many have a label."""
        return self.counts.total()

    def of_label(self, label: str) -> int:
        """How many records have a label."""
        return sum(number for (own, _), number in self.counts.items() if own == label)

    def found_as(self, name: str | None) -> int:
        """How many records were found to be of a class."""
        return sum(number for (_, found), number in self.counts.items() if found == name)

    @property
    def accuracy(self) -> float:
        """The share of labelled records whose class is their label; NaN where there are none."""
        return share(sum(self.counts[name, name] for name in self.classes), self.records)

    def recall(self, label: str) -> float:
        """The share of the records of a label that were found to be of its class."""
        return share(self.counts[label, label], self.of_label(label))

    def precision(self, name: str) -> float:
        """The share of the records that were found to be of a class whose label it is."""
        return share(self.counts[name, name], self.found_as(name))

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON values: None for what is undefined."""
        table = {
            label: {self.column_name(name): self.counts[label, name] for name in self.columns} for label in self.labels
        }
        figures = {
            "records": self.records,
            "without_label": self.without_label,
            "accuracy": self.accuracy,
            "precision": {name: self.precision(name) for name in self.classes},
            "recall": {label: self.recall(label) for label in self.labels},
            "confusion": table,
        }
        found: dict[str, Any] = finite_or_none(figures)
        return found


def share(part: int, whole: int) -> float:
    """A part of a whole; NaN where there is nothing."""
    return part / whole if whole else math.nan
