"""A tree of classes: two by two they are merged, always those that lose least of the mutual information of classes side by side (Brown et al. 1992).

With f(x) = x ln x, what is to be kept is Σ f(N(b, c)) − Σ f(N(b, ·)) − Σ f(N(·, c)). Sums of f over merged rows and columns are kept for all pairs,
and changed where classes became one, so that a merger takes a time of the square of the number of classes.
"""

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.exchange.logarithms import Products
from lmkit.engine.progress import stage

Table = NDArray[np.int64]
Sums = NDArray[np.float64]


def bit_strings(beside: Table, classes: int) -> list[bytes]:
    """The way from the root of the tree to each of the first classes: 0 is the one that comes first of two.

    beside: (all classes, all classes) how often each is followed by each; those after the first so many are not merged.
    """
    tree = Mergers(beside, classes)
    nodes: list[Node] = list(range(classes))
    advance = stage("merging classes", classes - 1)
    for _ in range(classes - 1):
        first, second = tree.least()
        tree.merge(first, second)
        nodes[first] = (nodes[first], nodes.pop(second))
        advance(1)
    strings = [b""] * classes
    waiting: list[tuple[Node, bytes]] = [(nodes[0], b"")]
    while waiting:
        node, way = waiting.pop()
        if isinstance(node, int):
            strings[node] = way
        else:
            waiting += [(node[0], way + b"0"), (node[1], way + b"1")]
    return strings


Node = int | tuple["Node", "Node"]


class Mergers:
    """Classes, and what each merger of two would lose."""

    def __init__(self, beside: Table, classes: int) -> None:
        self._counts, self._classes = beside.copy(), classes
        self._of = Products(int(beside.sum())).of
        self._rows = self._sums(self._counts)
        self._columns = self._sums(self._counts.T)

    def least(self) -> tuple[int, int]:
        """The two classes, the first before the second, whose merger loses least."""
        losses = self.losses()
        losses[np.tril_indices(self._classes)] = np.inf
        first, second = divmod(int(losses.argmin()), self._classes)
        return first, second

    def losses(self) -> Sums:
        """(classes, classes) what each merger loses, in nats; of a class with itself, nothing that has a meaning."""
        number, of = self._classes, self._of
        counts = self._counts[:number, :number]
        own, cells = counts.diagonal(), of(counts)
        alone = of(self._counts[:number]).sum(axis=1) + of(self._counts[:, :number]).sum(axis=0) - cells.diagonal()
        before = alone[:, np.newaxis] + alone - cells - cells.T
        # rows, but for the two classes as columns, then columns, and where the merged class follows itself
        down, across = of(own[:, np.newaxis] + counts.T), of(own[:, np.newaxis] + counts)
        merged = self._rows - down - down.T + self._columns - across - across.T
        merged += of(own[:, np.newaxis] + own + counts + counts.T)
        losses: Sums = before - merged
        for totals in (self._counts.sum(axis=1)[:number], self._counts.sum(axis=0)[:number]):
            alone = of(totals)
            losses += of(totals[:, np.newaxis] + totals) - alone[:, np.newaxis] - alone
        return losses

    def merge(self, first: int, second: int) -> None:
        """Put the second class into the first."""
        self._rows = self._merged(self._counts, self._rows, first, second)
        self._columns = self._merged(self._counts.T, self._columns, first, second)
        counts = self._counts
        counts[first] += counts[second]
        counts[:, first] += counts[:, second]
        self._counts = np.delete(np.delete(counts, second, axis=0), second, axis=1)
        self._classes -= 1
        for sums, table in ((self._rows, self._counts), (self._columns, self._counts.T)):
            sums[first] = sums[:, first] = self._of(table[: self._classes] + table[first]).sum(axis=1)

    def _sums(self, counts: Table) -> Sums:
        """(classes, classes) Σ f over the rows of each two classes as one."""
        number = self._classes
        return np.stack([self._of(counts[:number] + counts[row]).sum(axis=1) for row in range(number)])

    def _merged(self, counts: Table, sums: Sums, first: int, second: int) -> Sums:
        """The sums of pairs of rows once two columns are one, and without the second class as a row."""
        one, other = counts[: self._classes, first], counts[: self._classes, second]
        pairs = [column[:, np.newaxis] + column for column in (one, other, one + other)]
        changed: Sums = sums - self._of(pairs[0]) - self._of(pairs[1]) + self._of(pairs[2])
        return np.delete(np.delete(changed, second, axis=0), second, axis=1)
