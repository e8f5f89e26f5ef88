"""What users write has the types that they expect: mypy reads this file with all others."""

from collections.abc import Iterator
from typing import assert_type

import pyarrow as pa

import lmkit


def test_what_users_write_is_typed() -> None:
    counts = lmkit.count_ngrams([["le", "chat", "dort"], ["le", "chien", "dort"]], order=2)
    assert_type(counts, lmkit.NgramCounts)
    assert_type(counts["le", "chat"], int)
    assert_type(counts["le chat"], int)
    assert_type(counts.get("le"), int)
    assert_type(iter(counts), Iterator[str])
    assert_type(counts.most_common(3), list[tuple[str, int]])
    assert_type(dict(counts), dict[str, int])
    model = lmkit.witten_bell(counts)
    assert_type(model, lmkit.NgramModel)
    assert_type(model.vocabulary["le"], int)
    figures = lmkit.perplexity(model, lmkit.Lines(["le chat dort", ["le", "chien"]]))
    assert_type(figures.perplexity, float)
    assert_type(lmkit.next_words(model, "le", top=1).words, list[str])
    table: pa.Table = figures.to_arrow()
    assert table.num_rows == 1
    assert "le" in counts
