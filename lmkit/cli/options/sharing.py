"""Options of commands whose work can be shared out, among processes or machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.resources import Resources
    from lmkit.engine.runners.protocol import Runner
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

Processes = Annotated[
    bool,
    Option("--processes", help="Workers are processes, for many cores and much text."),
]
Engine = Annotated[
    Literal["spark"] | None,
    Option(help="What shares the work out to other machines: Spark 4 or later (pip install 'lmkit[spark]')."),
]
SparkAt = Annotated[
    str | None,
    Option(
        "--spark",
        metavar="URL",
        help="Where Spark is: sc://host:port (Spark Connect), spark://host:port [default: $SPARK_REMOTE, or else this machine].",
    ),
]
SparkFolder = Annotated[
    str | None,
    Option(
        metavar="DIR",
        help="A folder, or the URL of one, that this machine and Spark's workers read and write [default: --tmp].",
    ),
]


@dataclass(repr=False, eq=False)
class Sharing:
    """What work takes of the machine, and what shares it out."""

    workers: shared.Workers = None
    memory: shared.Memory = None
    verbose: shared.Verbose = False
    tmp: shared.Tmp = None
    processes: Processes = False
    engine: Engine = None
    spark: SparkAt = None
    spark_folder: SparkFolder = None

    def resources(self) -> "Resources":
        """What the work may take of the machine."""
        return shared.resources(self.workers, self.memory, self.tmp, processes=self.processes, verbose=self.verbose)

    def sharing(self) -> str | None:
        """The option that shares work out, if one was given. UsageError for those that contradict each other."""
        given = [name for name in ("spark", "spark_folder") if getattr(self, name) is not None]
        if given and self.engine is None:
            raise UsageError(f"--{given[0].replace('_', '-')} is for --engine spark.", "Give both, or none.")
        if self.engine and self.processes:
            raise UsageError("--processes and --engine both share work out.", "Leave one of them out.")
        return f"--engine {self.engine}" if self.engine else "--processes" if self.processes else None

    @contextmanager
    def runner(self, resources: "Resources") -> "Iterator[Runner | None]":
        """What carries work out in steps; None: threads of this process do it."""
        if self.engine is not None:
            from lmkit.engine.runners.spark import Spark

            with Spark(resources, self.spark, self.spark_folder) as spark:
                yield spark
        elif self.processes:
            from lmkit.engine.runners.processes import Processes as Workers

            with Workers(resources) as workers:
                yield workers
        else:
            yield None


@dataclass(repr=False, eq=False)
class SharingOut(Sharing, shared.Counting):
    """How text is read and counted, by threads, processes or machines."""

    def counts(self, texts: "list[TextFile]", order: int) -> "NgramCounts":
        """The counts of the texts, by whatever is to count them."""
        with self.runner(self.resources()) as runner:
            if runner is None:
                from lmkit.ngrams.counting.count import count_ngrams

                return count_ngrams(texts, order, **self.for_counting())
            from lmkit.ngrams.counting.supersteps.driver import count_on

            return count_on(runner, texts, order, **self.for_counting())
