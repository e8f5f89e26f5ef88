"""Lists of words as texts: the words of a list, a space between two, are a line; of a list of lists, each is one.

What is null or empty in a list is no word. A word with white space in it is text like any other, and is cut there: a warning says so, as
it may be a sentence.
"""

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import text_to_arrow, to_arrow, to_numpy
from lmkit.engine.columns import join_columns, text_bytes
from lmkit.engine.kernels import call_arrow
from lmkit.errors import ListWarning

if TYPE_CHECKING:
    import pyarrow as pa

LEVELS = 2  # lists of lists
WHITE = re.compile(rb"[ \t\n\v\f\r]")


def value_type(listed: "pa.DataType") -> tuple["pa.DataType", int]:
    """The type of the values in lists, and how many lists are around them, of LEVELS at most."""
    import pyarrow as pa

    found: Any = listed
    levels = 0
    while pa.types.is_dictionary(found) or (levels < LEVELS and is_list(found)):
        levels += is_list(found)
        found = found.value_type
    return found, levels


def is_list(found: "pa.DataType") -> bool:
    """Whether values of this type are lists."""
    import pyarrow as pa

    return isinstance(found, pa.ListType | pa.LargeListType | pa.FixedSizeListType)


def joined_lists(values: "pa.Array[Any]", source: str) -> "pa.Array[Any]":
    """(values,) the texts of lists of words, and of lists of these; null where a list is. Texts stay as they are.

    source: the name of the file, for a warning about words with white space in them.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(values.type):
        values = call_arrow("take", values.dictionary, values.indices)
    if not is_list(values.type):
        return values
    inner = joined_lists(call_arrow("list_flatten", values), source)
    inner = call_arrow("cast", inner, target_type=pa.large_binary()).view(pa.large_string())
    if is_list(values.type.value_type):
        lines = join_columns([call_arrow("coalesce", inner, text_to_arrow("")), text_to_arrow("")], "\n")
        return joined(values, lines, to_numpy(call_arrow("is_valid", inner)), "")
    if WHITE.search(text_bytes(inner)):
        warn_of_white_space(source)
    is_word = call_arrow("greater", call_arrow("binary_length", inner), to_arrow(np.zeros(1, np.int64))[0])
    return joined(values, inner, to_numpy(call_arrow("coalesce", is_word, to_arrow(np.zeros(1, bool))[0])), " ")


def joined(values: "pa.Array[Any]", inner: "pa.Array[Any]", kept: NDArray[np.bool_], separator: str) -> "pa.Array[Any]":
    """(values,) what is kept of the texts (inner,) of lists, joined within each; null where a list is."""
    import pyarrow as pa

    none = to_arrow(np.zeros(1, np.int64))[0]
    lengths = call_arrow(
        "coalesce", call_arrow("cast", call_arrow("list_value_length", values), target_type=pa.int64()), none
    )
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(to_numpy(lengths))))
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept)))
    texts = call_arrow("filter", inner, to_arrow(kept))
    lists = pa.LargeListArray.from_arrays(to_arrow(before.take(ends)), texts)
    lines = call_arrow("binary_join", lists, text_to_arrow(separator))
    return call_arrow("if_else", call_arrow("is_valid", values), lines, pa.nulls(1, pa.large_string())[0])


def text_of_list(listed: list[Any], source: str) -> str | None:
    """The same of one list of JSON; None if there is something else in it than texts, or lists of them."""
    there = [each for each in listed if each is not None]
    if all(isinstance(each, str) for each in there):
        if any(WHITE.search(each.encode("utf-8", "surrogatepass")) for each in there):
            warn_of_white_space(source)
        return " ".join(each for each in there if each)
    lines = [
        text_of_list(each, source)
        if isinstance(each, list) and not any(isinstance(item, list) for item in each)
        else None
        for each in there
    ]
    return None if None in lines else "".join(f"{line}\n" for line in lines)


def warn_of_white_space(source: str) -> None:
    """Warn of words that may be sentences."""
    warnings.warn(
        ListWarning(
            f"{source}: words in lists have white space in them, and are cut there, as text is: a list is one line.",
            "If they are sentences, make a list of each.",
        ),
        stacklevel=2,
    )
