"""Templates: text with named gaps, which is found again in the text that was made of it, with what filled the gaps."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property

GAP = re.compile(r"\{(\w*)\}")
AS_WRITTEN = frozenset(  # gaps that hold words of a text, or the name of a file, whatever they look like
    [
        "as_written",
        "baseline",
        "called",
        "decode",
        "drawn",
        "encode",
        "file",
        "filename",
        "folder",
        "fspath",
        "held_out",
        "history",
        "kept",
        "name",
        "_name",
        "named",
        "neighbour",
        "ngram",
        "oov",
        "pairs",
        "output",
        "path",
        "shown",
        "source",
        "_source",
        "suffix",
        "text",
        "texts",
        "word",
    ]
)
NUMBER = "so_many"  # a gap that holds a number, and nothing else
DIGITS, ANYTHING = r"([\d,.]+)", "(.*?)"


class Template:
    """A template of the source, and its translation."""

    def __init__(self, text: str, translation: str) -> None:
        self.text, self.translation = text, translation
        self.names = GAP.findall(text)
        self.literal = GAP.sub("\0", text)
        self.weight = len(self.literal) - len(self.names)  # characters that a text must have to be of it
        self.anchor = max(self.literal.split("\0"), key=len)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What texts look like that were made of it; gaps may be empty."""
        first, *others = map(re.escape, self.literal.split("\0"))
        gaps = (DIGITS if name == NUMBER else ANYTHING for name in self.names)
        return re.compile(
            first + "".join(gap + other for gap, other in zip(gaps, others, strict=True)),
            re.DOTALL * ("\n" in first + "".join(others)),
        )

    def values_in(self, text: str) -> dict[str, str] | None:
        """What fills the gaps of a text; None if it was not made of this template."""
        if self.anchor not in text:
            return None
        found = self.pattern.fullmatch(text)
        return None if found is None else dict(zip(self.names, found.groups(), strict=True))

    def filled(self, values: Mapping[str, str]) -> str:
        """The translation with values in its gaps."""
        return GAP.sub(lambda gap: values[gap[1]], self.translation)


def is_whole(values: Mapping[str, str]) -> bool:
    """Whether no value has a bracket without its other half, as a part of a text might have."""
    return all(value.count("(") == value.count(")") for value in values.values())


class Templates:
    """Many templates, of which those with most letters are tried first: a text that several could have made is of the most specific."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        made = (Template(text, translation) for text, translation in templates.items())
        self._templates = sorted(made, key=lambda template: -template.weight)

    def matched(self, text: str) -> tuple[Template, dict[str, str]] | None:
        """The template that made a text, and what fills its gaps; None if there is none.

        One whose gaps would be filled with a bracket without its other half is a part of the text, and not the whole.
        """
        odd = None
        for template in self._templates:
            if template.weight < len(text) + 1 and (values := template.values_in(text)) is not None:
                if is_whole(values):
                    return template, values
                odd = odd or (template, values)
        return odd

    def translated(self, text: str, gap_said: Callable[[str, str], str]) -> str | None:
        """The translation of a text, with what fills its gaps, by name, as `gap_said` tells it; None if no template made it."""
        found = self.matched(text)
        if found is None:
            return None
        template, values = found
        return template.filled({name: gap_said(name, value) for name, value in values.items()})
