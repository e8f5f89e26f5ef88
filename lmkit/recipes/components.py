"""What mixtures are made of: models in files, class models that are made of a file of classes, caches, and uniform distributions.

A `Part` says what is mixed; a component of a recipe says that with its weight, and with the digest of what lies in a file. The key that only one kind of
component has tells it in JSON: {"cache": 1000, …}. Another kind is another class here, a line of the grammar, and what opens it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from lmkit.engine.remote.names import shown
from lmkit.one_line import one_line

Kind = Literal["file", "cache", "classes", "uniform"]
FILE: Final = "file"
CACHE: Final = "cache"
CLASSES: Final = "classes"
UNIFORM: Final = "uniform"


@dataclass(frozen=True)
class Part:
    """What is mixed, without its weight."""

    kind: Kind
    file: str = ""  # of a model, or of classes
    size: int | None = None  # of a cache, in words; None: not said
    decay: float | None = None  # of a cache; None: not said

    @property
    def name(self) -> str:
        """What it is called, as it may be typed."""
        size = "" if self.size is None else f":{self.size}"
        decay = f",decay={self.decay:.10g}" if self.decay else ""
        of_kind = {"file": self.file, "cache": f"cache{size}{decay}", "classes": f"classes:{self.file}"}
        return of_kind.get(self.kind, self.kind)

    @property
    def title(self) -> str:
        """The same for messages and tables, without what is secret in names of files elsewhere."""
        return replace(self, file=shown(self.file)).name


@one_line
@dataclass(frozen=True)
class FileComponent:
    """A model of a mixture that is in a file, be it a recipe."""

    file: str  # its path: from the folder of the recipe, or absolute
    weight: float  # above 0; those of all components sum to 1
    sha256: str  # of the file as it lies there, compressed or not
    bytes: int
    method: str  # what made the model, in a word
    kind: ClassVar[Kind] = "file"

    @property
    def part(self) -> Part:
        """What is mixed."""
        return Part(self.kind, self.file)

    def moved(self, change: Callable[[str], str]) -> "FileComponent":
        """The same with another path."""
        return replace(self, file=change(self.file))


@one_line
@dataclass(frozen=True)
class ClassesComponent:
    """A class model of a mixture: in a file, or made of classes in a file and of the counts that the first model keeps."""

    classes: str  # the path of the file, as that of a model
    weight: float
    sha256: str
    bytes: int
    kind: ClassVar[Kind] = "classes"

    @property
    def part(self) -> Part:
        """What is mixed."""
        return Part(self.kind, self.classes)

    def moved(self, change: Callable[[str], str]) -> "ClassesComponent":
        """The same with another path."""
        return replace(self, classes=change(self.classes))


@one_line
@dataclass(frozen=True)
class CacheComponent:
    """A cache of the last words, over the words of all other components."""

    cache: int  # how many words it holds
    weight: float
    decay: float
    kind: ClassVar[Kind] = "cache"

    @property
    def part(self) -> Part:
        """What is mixed."""
        return Part(self.kind, size=self.cache, decay=self.decay)

    def moved(self, _change: Callable[[str], str]) -> "CacheComponent":
        """The same: it is in no file."""
        return self


@one_line
@dataclass(frozen=True)
class UniformComponent:
    """The same probability for all words of all other components."""

    uniform: bool  # true, as JSON has it
    weight: float
    kind: ClassVar[Kind] = "uniform"

    @property
    def part(self) -> Part:
        """What is mixed."""
        return Part(self.kind)

    def moved(self, _change: Callable[[str], str]) -> "UniformComponent":
        """The same: it is in no file."""
        return self


Component = FileComponent | CacheComponent | ClassesComponent | UniformComponent
ComponentType = type[FileComponent] | type[CacheComponent] | type[ClassesComponent] | type[UniformComponent]
COMPONENTS: tuple[ComponentType, ...] = (CacheComponent, ClassesComponent, UniformComponent, FileComponent)
