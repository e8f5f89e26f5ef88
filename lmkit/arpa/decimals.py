"""Probabilities as text, three times as fast as number by number: the shortest decimals that give the values back."""

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import FloatArray

WIDTH = 12  # bytes of the longest text: a newline, a minus, a digit, a point, 8 decimals
USUAL = np.float32(-0.3)  # one that can be written here
LOWEST, HIGHEST = -10.0, -0.125  # between them, 8 decimals are enough to tell a float32 from its neighbours
CHUNK = 1 << 15  # numbers that are worked on at a time: what is in between stays in the processor's cache
HALF_STEP = 2.0**-24  # half of the distance between float32 numbers from 1 to 2
EXPONENT, FRACTION = np.uint32(0xFF << 23), np.uint32((1 << 23) - 1)  # bits of a float32
HEADS = np.frombuffer(b"".join(b"\n-%d." % digit for digit in range(10)), np.uint32)
FOUR_DIGITS = np.frombuffer(b"".join(b"%04d" % number for number in range(10_000)), np.uint32)


def are_usual(values: FloatArray) -> NDArray[np.bool_]:
    """Which values `negative_decimals` can write: of float32, those from -10 to -1/8 but for powers of 2.

    The numbers below a power of 2 are closer to it than those above.
    """
    if values.dtype != np.float32:
        return np.zeros(len(values), np.bool_)
    usual: NDArray[np.bool_] = (values.view(np.uint32) & FRACTION) != 0
    usual &= values > LOWEST
    usual &= values < HIGHEST
    return usual


def negative_decimals(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    r"""The shortest decimals of values that are usual, with \n before each.

    Returns the texts (values, WIDTH), of which the rest is to be left out, and their lengths (values,).
    """
    texts = np.empty((len(values), WIDTH // 4), np.uint32)
    lengths = np.empty(len(values), np.uint8)
    for first in range(0, len(values), CHUNK):
        here = slice(first, first + CHUNK)
        digits, decimals = shortest(-values[here])
        lengths[here] = decimals + np.uint8(WIDTH - 8)
        units = digits // np.uint32(10**8)
        digits -= units * np.uint32(10**8)
        upper = digits // np.uint32(10**4)
        digits -= upper * np.uint32(10**4)
        texts[here, 0] = HEADS.take(units)
        texts[here, 1] = FOUR_DIGITS.take(upper)
        texts[here, 2] = FOUR_DIGITS.take(digits)
    lengths -= lengths == WIDTH - 8  # nor is there a point without decimals
    return texts.view(np.uint8), lengths


def shortest(magnitudes: NDArray[np.float32]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The decimal numbers with the fewest decimals that are closer to these than to any other float32.

    Returns them times 10⁸, and how many decimals each has. A float32 times a power of 10 up to 10⁸ fits into a float64, so
    that all is exact. As many decimals as are enough are found from 8 downwards: what fewer do, more do.
    """
    exact = magnitudes.astype(np.float64)
    half_steps = (magnitudes.view(np.uint32) & EXPONENT).view(np.float32).astype(np.float64)
    half_steps *= HALF_STEP
    digits = np.rint(exact * 1e8)
    decimals = np.full(len(exact), 8, np.uint8)
    for scale in (1e7, 1e6):  # which are enough for many
        rounded, fits = round_at(exact, half_steps, scale)
        np.copyto(digits, rounded, where=fits)
        decimals -= fits
    left = np.flatnonzero(fits)
    while len(left):
        scale /= 10
        rounded, fits = round_at(exact.take(left), half_steps.take(left), scale)
        left = left[fits]
        digits[left] = rounded[fits]
        decimals[left] -= 1
    return digits.astype(np.uint32), decimals


def round_at(
    exact: NDArray[np.float64], half_steps: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers times 10⁸, rounded to multiples of 1/scale, and which of these round back to the number."""
    scaled = exact * scale
    rounded = np.rint(scaled)
    scaled -= rounded
    np.abs(scaled, out=scaled)
    fits = scaled < half_steps * scale
    rounded *= 1e8 / scale
    return rounded, fits
