"""What vectors can be asked for, by name. Nothing slow is imported here."""

from typing import Literal, get_args

Measure = Literal["cosine", "dot", "euclidean"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
FIGURES: dict[Measure, str] = {"cosine": "similarity", "dot": "similarity", "euclidean": "distance"}  # what they give
Method = Literal["add", "mul"]  # of analogies
METHODS: tuple[Method, ...] = get_args(Method)
TOP = 10  # neighbours or answers
