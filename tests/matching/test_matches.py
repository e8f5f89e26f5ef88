import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.resources import Resources
from lmkit.matching import parts
from tests.matching.naive import naive_matches

SENTENCES = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), min_size=1, max_size=12)


def as_text(sentences: list[list[str]]) -> io.BytesIO:
    return io.BytesIO("".join(" ".join(words) + "\n" for words in sentences).encode())


def as_tuples(found: lmkit.Matches) -> list[tuple[int, int, int]]:
    """What was found, places counted among the words of the training text."""
    places = found.places - np.searchsorted(found.train_lines.starts, found.places, "right")
    if found.across_lines:
        places = np.where(found.places >= 0, found.places - 1, -1)  # one stretch
    places = np.where(found.lengths > 0, places, -1)
    return list(zip(found.lengths.tolist(), found.counts.tolist(), places.tolist(), strict=True))


@given(train=SENTENCES, test=SENTENCES, workers=st.sampled_from([1, 2, 3]), size=st.integers(1, 40))
def test_matches_are_those_of_a_naive_search_for_any_size_of_parts_and_number_of_threads(
    train: list[list[str]], test: list[list[str]], workers: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_PLACES", size)
        patch.setattr(parts, "MOST_PLACES", 2 * size)
        for memory in (1, None):
            found = lmkit.matches(as_text(train), as_text(test), resources=Resources(workers, memory))
            assert as_tuples(found) == naive_matches(train, test)


@given(train=SENTENCES, test=SENTENCES, size=st.integers(1, 40))
def test_matches_across_lines_are_those_of_a_naive_search_in_one_stretch(
    train: list[list[str]], test: list[list[str]], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_PLACES", size)
        found = lmkit.matches(as_text(train), as_text(test), across_lines=True, resources=Resources(2, 1))
    joined = [[word for words in text for word in words] for text in (train, test)]
    assert as_tuples(found) == naive_matches(joined[:1], joined[1:])
