"""The functions that a network consists of, each with its derivative: plain, as a lecture has them; stable; in the dtype that they are given.

What takes each number by itself has a derivative of the same shape. What takes vectors, along the last axis, has a `…_backward`: from the
derivatives of a loss by what the function gave, those by what it took.
"""
