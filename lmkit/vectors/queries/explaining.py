"""The measures of two vectors with the numbers in the formula."""

from collections.abc import Sequence

from lmkit.vectors.queries.measures import Vectors, measured
from lmkit.vectors.queries.names import Measure

MOST_TERMS = 8  # of a sum that is written out
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def explained(one: Vectors, other: Vectors, measure: Measure, names: tuple[str, str] = ("a", "b")) -> list[str]:
    """Lines that show how the measure of two vectors (dimensions,) comes about."""
    value = shown(measured(one[None], other[None], measure).item())
    first, second = names
    lines = [f"{name} = {listed(vector)}" for name, vector in zip(names, (one, other), strict=True)]
    if measure == "euclidean":
        terms = [f"({shown(x)} − {factor(y)})²" for x, y in zip(one.tolist(), other.tolist(), strict=True)]
        square = shown(((one - other) ** 2).sum().item())
        return [*lines, f"|{first} − {second}| = √({total(terms, 'Σ (aᵢ − bᵢ)²')}) = √{square} = {value}"]
    terms = [f"{factor(x)}·{factor(y)}" for x, y in zip(one.tolist(), other.tolist(), strict=True)]
    product = shown((one @ other).item())
    lines.append(f"{first}·{second} = {total(terms, 'Σ aᵢ·bᵢ')} = {product}")
    if measure == "dot":
        return lines
    squares = [float(vector @ vector) for vector in (one, other)]
    for name, vector, length in zip(names, (one, other), squares, strict=True):
        terms = [f"{factor(x)}²" for x in vector.tolist()]
        lines.append(f"|{name}| = √({total(terms, 'Σ xᵢ²')}) = √{shown(length)}")
    roots = "·".join(f"√{shown(square)}" for square in squares)
    whole = f" = {product}/√{shown(squares[0] * squares[1])}" if all(map(float.is_integer, squares)) else ""
    lines.append(
        f"cos({first}, {second}) = {first}·{second} / (|{first}|·|{second}|) = {product}/({roots}){whole} = {value}"
    )
    return lines


def listed(vector: Vectors) -> str:
    """The numbers of a vector; of a long one the first, and how many it has, in signs that all languages share."""
    numbers = ", ".join(map(shown, vector[:MOST_TERMS].tolist()))
    return f"({numbers})" if len(vector) <= MOST_TERMS else f"({numbers}, …) ∈ ℝ{str(len(vector)).translate(RAISED)}"


def total(terms: Sequence[str], in_general: str) -> str:
    """The terms of a sum, or the sum in general if they are many."""
    return " + ".join(terms) if len(terms) <= MOST_TERMS else in_general


def shown(value: float) -> str:
    """A number with ten digits."""
    return f"{value:.10g}"


def factor(value: float) -> str:
    """A number within a product."""
    return f"({shown(value)})" if value < 0 else shown(value)
