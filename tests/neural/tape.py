"""Backpropagation, all of it: a tape that every operation is written on, read backwards (reverse-mode differentiation).

A node is an array, and remembers what it was made of and how a gradient goes from it to each of those. The loss is a node, too. To go
back, begin with ∂loss/∂loss = 1 and pass from the last node to the first: when a node is reached, all that it went into has added to its
gradient, and it hands on to its parents what the chain rule says. Nothing is known here of layers or models: they are formulas of the few
operations below, and only the way forward is written. lmkit's own layers are written by hand, faster, and tested against this.

    >>> x, w = Node([1.0, 2.0, 3.0]), Node([0.1, 0.2, 0.3])
    >>> (x * w).sum().tanh().backward()
    >>> w.gradient.round(4)  # x · (1 − tanh² 1.4)
    array([0.2162, 0.4323, 0.6485])
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Back = Callable[[Array], Array]  # from the gradient of a node to what it adds to that of one of its parents


class Node:
    """An array, what it was made of, and the gradient of a loss with respect to it."""

    def __init__(self, value: ArrayLike, *parents: tuple["Node", Back]) -> None:
        self.value: Array = np.asarray(value)
        self.parents = parents
        self.gradient: Array = np.zeros_like(self.value)

    def backward(self) -> None:
        """Find the gradient of this number with respect to every node that it was made of."""
        self.gradient = np.ones_like(self.value)
        for node in reversed(list(self.tape())):
            for parent, back in node.parents:
                parent.gradient = parent.gradient + back(node.gradient)

    def tape(self) -> Iterator["Node"]:
        """All that this node was made of, and it: each after its parents, once."""
        seen: set[int] = set()
        waiting = [(self, iter(self.parents))]
        while waiting:
            for parent, _ in waiting[-1][1]:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    waiting.append((parent, iter(parent.parents)))
                    break
            else:
                yield waiting.pop()[0]

    def __add__(self, other: "Node | ArrayLike") -> "Node":
        b = node_of(other)
        return Node(self.value + b.value, (self, lambda g: shrunk(g, self)), (b, lambda g: shrunk(g, b)))

    def __mul__(self, other: "Node | ArrayLike") -> "Node":
        b = node_of(other)
        return Node(
            self.value * b.value, (self, lambda g: shrunk(g * b.value, self)), (b, lambda g: shrunk(g * self.value, b))
        )

    def __matmul__(self, b: "Node") -> "Node":
        left, right = self.value.swapaxes(-1, -2), b.value.swapaxes(-1, -2)
        return Node(self.value @ b.value, (self, lambda g: shrunk(g @ right, self)), (b, lambda g: shrunk(left @ g, b)))

    def __pow__(self, n: float) -> "Node":
        return Node(self.value**n, (self, lambda g: g * n * self.value ** (n - 1)))

    def __neg__(self) -> "Node":
        return self * -1.0

    def __sub__(self, other: "Node") -> "Node":
        return self + -other

    def __truediv__(self, other: "Node") -> "Node":
        return self * other**-1.0

    def __getitem__(self, places: Any) -> "Node":
        def back(g: Array) -> Array:
            found = np.zeros_like(self.value)
            np.add.at(found, places, g)  # adds up where a place is taken twice
            return found

        return Node(self.value[places], (self, back))

    def exp(self) -> "Node":
        """Powers of e."""
        y = np.exp(self.value)
        return Node(y, (self, lambda g: g * y))

    def log(self) -> "Node":
        """The natural logarithm of each number."""
        return Node(np.log(self.value), (self, lambda g: g / self.value))

    def tanh(self) -> "Node":
        """Of each number."""
        y = np.tanh(self.value)
        return Node(y, (self, lambda g: g * (1 - y * y)))

    def sum(self, axis: int | None = None) -> "Node":
        """Over all, or along an axis, which stays with length 1."""
        total = self.value.sum(axis, keepdims=axis is not None)
        return Node(total, (self, lambda g: np.broadcast_to(g, self.value.shape)))

    def reshape(self, *shape: int) -> "Node":
        """The same numbers in another shape."""
        return Node(self.value.reshape(shape), (self, lambda g: g.reshape(self.value.shape)))

    def transpose(self, *axes: int) -> "Node":
        """The axes in another order."""
        return Node(self.value.transpose(axes), (self, lambda g: g.transpose(np.argsort(axes))))


def node_of(value: "Node | ArrayLike") -> Node:
    """A node as it is, a constant as a node."""
    return value if isinstance(value, Node) else Node(value)


def shrunk(gradient: Array, node: Node) -> Array:
    """The gradient of what was stretched to be as large as another: summed where it was."""
    shape = node.value.shape
    gradient = gradient.sum(tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    found: Array = gradient.sum(stretched, keepdims=True)
    return found
