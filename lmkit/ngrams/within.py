"""N-grams of something else than words, within counts or a model of words: those of a class model are of classes.

What is made for n-grams is done to those within, and its result is put back: so smoothing, pruning and quantizing know nothing of classes,
and no command has to tell them apart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lmkit.errors import DataError
from lmkit.text.sources.names import Texts

Keywords = ParamSpec("Keywords")
Given = TypeVar("Given", contravariant=True)  # noqa: PLC0105 (as in "what is given")
Result = TypeVar("Result", covariant=True)  # noqa: PLC0105


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

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Options of smoothings, by the names of their keywords, that are not as for words where nothing is told."""

    def with_inner(self, changed: Any) -> Any:
        """The same around counts or a model that was made of these n-grams."""

    def numbered(self, texts: Texts) -> NumberedText:
        """Texts of words as the n-grams read them."""


def ngrams_in(value: Any) -> Any:
    """The counts or the model of n-grams within something; anything else itself."""
    return value.inner if isinstance(value, AroundNgrams) else value


def check_alike(given: Any, others: Iterable[Any]) -> None:
    """DataError for n-grams of words beside those of something else: their words would be taken for one another."""
    for other in others:
        is_of_ngrams = hasattr(other, "orders") or isinstance(other, AroundNgrams)
        if is_of_ngrams and isinstance(other, AroundNgrams) != isinstance(given, AroundNgrams):
            of_words, of_classes = (
                ("these are", "those beside them")
                if isinstance(other, AroundNgrams)
                else ("those beside them are", "these")
            )
            raise DataError(
                f"n-grams of words and of classes do not go together: {of_words} of words, and {of_classes} of classes.",
                "Give counts that were made as the model was: with the same --classes, or without.",
            )


class Change(Protocol[Given, Keywords, Result]):
    """What changes n-grams; of what is around some, those within."""

    @overload
    def __call__(self, model: Given, *args: Keywords.args, **keywords: Keywords.kwargs) -> Result: ...

    @overload
    def __call__(self, model: AroundNgrams, *args: Keywords.args, **keywords: Keywords.kwargs) -> Any: ...


def done_within(change: Callable[Concatenate[Given, Keywords], Result]) -> Change[Given, Keywords, Result]:
    """The function, which takes what is around n-grams, too, also as other arguments than the first: it is done to these, and its result, or the model in that, put back."""

    @wraps(change)
    def done(given: Given, *args: Keywords.args, **keywords: Keywords.kwargs) -> Result:
        check_alike(given, (*args, *keywords.values()))
        if not isinstance(given, AroundNgrams):
            return change(given, *args, **keywords)
        others = [ngrams_in(value) for value in args]
        result: Any = change(given.inner, *others, **{name: ngrams_in(value) for name, value in keywords.items()})
        if hasattr(result, "model"):  # with figures of what was done
            whole: Result = replace(result, model=given.with_inner(result.model))
            return whole
        around: Result = given.with_inner(result)
        return around

    return cast(Change[Given, Keywords, Result], done)
