"""Classes as people look at them: by their most frequent words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lmkit.classes.word_classes import WordClasses
from lmkit.errors import DataError


@dataclass(frozen=True)
class ListedClass:
    """A class, by some of its words."""

    name: str
    types: int  # how many words it has
    tokens: int | None  # how often these come in the text, if that is known
    words: list[str]  # the most frequent ones

    def as_dict(self) -> dict[str, Any]:
        """Its figures by name."""
        figures = asdict(self)
        return {"class": figures.pop("name")} | figures


def listed_classes(classes: WordClasses, top: int, words: Sequence[str] | None = None) -> list[ListedClass]:
    """The classes in their order, or only those of some words, with the `top` most frequent words of each. DataError for a word that is in none."""
    places = list(range(len(classes)))
    if words:
        unknown = [word for word in words if classes.class_of(word) is None]
        if unknown:
            raise DataError(
                f"{', '.join(map(repr, unknown))}: in no class.",
                "Words are looked up as the file has them, capitals and all.",
            )
        ids = [classes.vocabulary.id_of(word) for word in words]
        places = list(dict.fromkeys(classes.of_words[ids].tolist()))
    listed = classes.vocabulary.words
    return [
        ListedClass(
            classes.names[place].decode(),
            len(classes.members[place]),
            None if classes.counts is None else int(classes.counts[classes.members[place]].sum()),
            [listed[word].decode() for word in classes.members[place][:top].tolist()],
        )
        for place in places
    ]
