"""The entries that a block of text is split into: words and the separators after them."""

from hypothesis import given
from hypothesis import strategies as st

from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.tokens.normalization import is_shaped
from lmkit.text.tokens.splitting import split_entries
from lmkit.text.vocabulary import MARKS, Vocabulary, WordNumbering

# Words of seven bytes and their separators are one integer, and longer ones are not; any byte may stand anywhere.
words = st.one_of(
    st.sampled_from(
        [b"", b"a", b"ab", b"seven77", b"eight888", b"nine99999", b"\xff" * 7, b"\xff" * 8, "été…".encode()]
    ),
    st.binary(max_size=12).map(lambda word: bytes(byte for byte in word if byte > ord(" "))),
)
separators = st.sampled_from([b" ", b"\n", b"\t", b"\r", b"\0"])


@given(st.lists(st.tuples(words, separators), max_size=40))
def test_entries_are_numbered_by_their_first_occurrence(running: list[tuple[bytes, bytes]]) -> None:
    distinct = list(dict.fromkeys(running))
    found = split_entries(Block(b"".join(word + separator for word, separator in running), "text", 1, 0))
    assert found.running.tolist() == [distinct.index(entry) for entry in running]
    assert found.words == [word for word, _ in distinct]
    assert found.lengths.tolist() == [len(word) for word, _ in distinct]
    assert found.ends_line.tolist() == [separator == b"\n" for _, separator in distinct]


def test_words_end_to_end_are_normalized_only_if_each_is() -> None:
    settings = TextSettings()
    assert is_shaped("œuvre été".replace(" ", "").encode(), settings)
    assert not is_shaped(b"a" + "e\u0301".encode(), settings)
    assert not is_shaped(b"a", TextSettings(lowercase=True))
    assert not is_shaped(b"1", TextSettings(fold_numbers=True))
    assert is_shaped("e\u0301".encode(), TextSettings(normalize="none"))


def test_words_that_are_looked_up_together_have_the_ids_they_were_given_one_by_one() -> None:
    numbering = WordNumbering()
    listed = [b"word %d" % number for number in range(50)]
    ids = numbering.number(listed)[0]
    asked = Vocabulary.from_words([listed[7], b"unheard of", *MARKS, listed[49]])
    assert numbering.look_up(asked.arrow_words())[0].tolist() == [-1] * 6  # nothing is settled yet
    numbering.settle(1)  # too few to be worth it
    assert numbering.look_up(asked.arrow_words())[0].tolist() == [-1] * 6
    numbering.settle(50)
    many = Vocabulary.from_words([listed[7], b"unheard of", *MARKS] * 3).arrow_words()
    found, is_all = numbering.look_up(many)
    assert (found.tolist(), is_all) == ([ids[7], -1, 0, 1, 2] * 3, False)  # others may have ids, too
    fixed, is_all = WordNumbering(Vocabulary.from_words([*MARKS, *listed])).look_up(many)
    assert (fixed.tolist(), is_all) == ([10, -1, 0, 1, 2] * 3, True)
