"""N-grams of something else than words, within counts or a model of words: those of a class model are of classes.

What is made for n-grams is done to those within, and its result is put back: so smoothing, pruning and quantizing know nothing of classes,
and no command has to tell them apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lmkit.text.sources.names import Texts

Keywords = ParamSpec("Keywords")
Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class NumberedText:
    """A text that has been read as the n-grams within something read it."""

    tokens: NDArray[np.int32]  # (tokens,) of whole padded sentences


@runtime_checkable
class AroundNgrams(Protocol):
    """Counts or a model of words that rest on n-grams of something else."""

    @property
    def inner(self) -> Any:
        """The counts or the model of n-grams."""

    def with_inner(self, changed: Any) -> Any:
        """The same around counts or a model that was made of these n-grams."""

    def numbered(self, texts: Texts) -> NumberedText:
        """Texts of words as the n-grams read them."""


def ngrams_in(value: Any) -> Any:
    """The counts or the model of n-grams within something; anything else itself."""
    return value.inner if isinstance(value, AroundNgrams) else value


def done_within(
    change: Callable[Concatenate[Given, Keywords], Result],
) -> Callable[Concatenate[Given, Keywords], Result]:
    """The function, which takes what is around n-grams, too, also as other arguments than the first: it is done to these, and its result, or the model in that, put back."""

    @wraps(change)
    def done(given: Given, *args: Keywords.args, **keywords: Keywords.kwargs) -> Result:
        if not isinstance(given, AroundNgrams):
            return change(given, *args, **keywords)
        others = [ngrams_in(value) for value in args]
        result: Any = change(given.inner, *others, **{name: ngrams_in(value) for name, value in keywords.items()})  # type: ignore[arg-type]
        if hasattr(result, "model"):  # with figures of what was done
            whole: Result = replace(result, model=given.with_inner(result.model))
            return whole
        around: Result = given.with_inner(result)
        return around

    return done
