"""Which files hold word vectors, by their first bytes; what is none is refused by the name it has."""

import re

from lmkit.errors import DataError
from lmkit.text.sources.blocks import BYTE_ORDER_MARK, has_controls
from lmkit.text.sources.opening import HEAD_BYTES
from lmkit.text.sources.recognition import COUNTS, LISTS, WORD2VEC, binary_kind, has_vectors, is_arpa, looks_binary
from lmkit.text.word_lists.recognition import is_number

WORD2VEC_TEXT, GLOVE_TEXT, WORD2VEC_BINARY = (
    "word2vec text",
    "GloVe text",
    "word2vec binary",
)  # forms of files of other tools
HEADER = re.compile(rb"[ \t]*(\d{1,10})[ \t]+(\d{1,6})[ \t\r]*\n")  # numbers of words and of values, on the first line
READ = "Word vectors are lmkit's own files (.safetensors), word2vec text or binary, GloVe's text, fastText's .vec, plain or compressed."
MATRICES = "That may be a matrix: `lmkit vectors svd` makes vectors of those that `lmkit cooc` writes."
FASTTEXT = "fastText writes the vectors themselves beside it, as .vec: give that."
MODELS = "What follows each word there can be its vector: `lmkit vectors successors` takes it from counts and models."
AN_ARPA_FILE = "an ARPA file"
REMEDIES = {  # where vectors are needed
    AN_ARPA_FILE: MODELS,
    "a file of NumPy arrays (.npz)": MATRICES,
    "a model of fastText": FASTTEXT,
}


def form_of_vectors(head: bytes) -> str | None:
    """The form of the word vectors in a file of another tool that begins with these bytes; None if it has none."""
    is_binary = has_vectors(head) and looks_binary(head)
    if is_binary or (WORD2VEC.match(head) and has_controls(head)):  # which text in another encoding has not
        return WORD2VEC_BINARY
    if is_arpa(head) or b"\0" in head or COUNTS.match(head):
        return None
    if not holds_rows(head):
        return None
    return WORD2VEC_TEXT if HEADER.match(head.removeprefix(BYTE_ORDER_MARK)) else GLOVE_TEXT


def holds_rows(head: bytes) -> bool:
    """Whether numbers stand after a word on the first line, and half of what follows one on the second; two whole numbers may stand before.

    Of a word and one whole number nobody can tell: it is a count, rather.
    """
    text = head.removeprefix(BYTE_ORDER_MARK)
    header = HEADER.match(text)
    rows = [line.split() for line in text[header.end() if header else 0 :].split(b"\n")]
    if len(head) >= HEAD_BYTES and rows:  # the last number of the last line may go on
        rows[-1] = rows[-1][:-1]
    first, second = ([row for row in rows if row] + [[], []])[:2]
    numbers = [cell for cell in first[1:] if is_number(cell)]
    if header:
        return bool(numbers) or not first or not int(header[2])
    half = 2 * sum(map(is_number, second[1:])) >= len(second[1:])
    return bool(numbers) and half and is_number(first[-1]) and (len(numbers) > 1 or b"." in numbers[0])


def refuse_no_vectors(head: bytes, name: str) -> None:
    """DataError if a file that begins with these bytes, and was given as word vectors, is none, whatever it is."""
    if not head:
        raise DataError(
            f"{name} holds no word vectors: it is empty.",
            "The command that was to write it failed, perhaps: its own message says why.",
        )
    if form_of_vectors(head) is None:
        what = what_else(head)
        raise DataError(f"{name} holds no word vectors: it looks like {what}.", REMEDIES.get(what, READ))


def what_else(head: bytes) -> str:
    """What a file is that has no word vectors."""
    kind = binary_kind(head)
    if kind is not None:
        return kind[0]
    if is_arpa(head):
        return AN_ARPA_FILE
    if COUNTS.match(head):
        return LISTS[0]
    return "binary data" if b"\0" in head else "text, and not a word and the values of its vector on each line"
