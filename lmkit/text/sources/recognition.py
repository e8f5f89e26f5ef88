"""What a file is, by its name and its first bytes; what is no text is refused by the name it has."""

import re
from codecs import getincrementaldecoder
from struct import iter_unpack

from lmkit.engine.shards.places import looks_like_manifest
from lmkit.errors import DataError, UsageError
from lmkit.text.sources.blocks import has_controls
from lmkit.text.sources.names import Format, TextFile, format_by_name, source_name

PARQUET = b"PAR1"
ARPA_START = b"\\data\\"  # a line near the start of ARPA files
OWN_ARPA = b"# lmkit {"  # the start of those that lmkit writes
RECIPE_KEY = "lmkit_recipe"  # the first in the JSON object of a recipe
RECIPE = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"%b"\s*:' % RECIPE_KEY.encode())
CONVERT = "Convert it to text, one sentence a line, in UTF-8."
UTF16 = "Convert it with iconv -f UTF-16 -t UTF-8."
UTF32 = "Convert it with iconv -f UTF-32 -t UTF-8."
UNPACK = "Unpack it, and name the files, or their folder."
COLUMN = "Save the table as Parquet, and name the column with --field."
ARPA = "lmkit reads ARPA models."
TABLE = "Save the table as CSV in UTF-8, and name the column with --field."
MODELS = "Models are lmkit's own files (.safetensors), ARPA files, or KenLM's binary files, plain or compressed."
VECTORS = "Commands that take VECTORS read it, as `lmkit vectors neighbours` does."
WEIGHTS = "It is a model, perhaps: commands take it as MODEL, before the text; `lmkit vocabulary list` lists its words."
OWN = "It holds a model or word vectors, perhaps: commands take it as MODEL, before the text, or as VECTORS; `lmkit vocabulary list` lists the words of a model."

BINARY: tuple[tuple[int, bytes, str, str], ...] = (  # place, bytes there, what it is, what to do
    (0, b"\xff\xfe\x00\x00", "UTF-32 text", UTF32),
    (0, b"\x00\x00\xfe\xff", "UTF-32 text", UTF32),
    (0, b"\xff\xfe", "UTF-16 text", UTF16),
    (0, b"\xfe\xff", "UTF-16 text", UTF16),
    (0, b"\x89PNG", "a PNG image", CONVERT),
    (0, b"\xff\xd8\xff", "a JPEG image", CONVERT),
    (0, b"GIF8", "a GIF image", CONVERT),
    (0, b"%PDF-", "a PDF document", "Convert it with pdftotext."),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .xls)", CONVERT),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (0, b"7z\xbc\xaf", "a 7-Zip archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x1f\x8b", "a file compressed twice", "Decompress it once."),
    (0, b"\x1f\x9d", "a file of the old compress program", "Decompress it with gzip -d."),
    (0, b"\x04\x22\x4d\x18", "a file compressed with lz4", "Decompress it with lz4 -d."),
    (0, b"LZIP", "a file compressed with lzip", "Decompress it with lzip -d."),
    (0, b"\x93NUMPY", "a NumPy array (.npy)", CONVERT),
    (0, b"\x89HDF", "an HDF5 file", CONVERT),
    (0, b"SQLite format 3", "an SQLite database", TABLE),
    (0, b"ARROW1", "an Arrow file", COLUMN),
    (0, b"FEA1", "an Arrow file (Feather)", COLUMN),
    (0, b"\xff\xff\xff\xff", "an Arrow stream", COLUMN),
    (0, b"ORC", "an ORC file", COLUMN),
    (0, b"Obj\x01", "an Avro file", COLUMN),
    (0, PARQUET, "a Parquet file", "Leave --format out, and name the column with --field."),
    (0, b"mmap lm http://kheafield.com", "a binary model of KenLM", WEIGHTS),
    (0, b"SRILM_BINARY_NGRAM", "a binary model of SRILM", ARPA),
    (0, b"\xd6\xfd\xb2\x7e", "a transducer of OpenFst", CONVERT),
    (0, b"\xba\x16\x4f\x2f", "a model of fastText", CONVERT),
    (0, b"GGUF", "a GGUF model", CONVERT),
    *(
        (2, mark, "a model of SentencePiece", "Commands take it as --tokenizer.")
        for mark in (b"\n\x05<unk>", b"\n\x05<pad>")
    ),
    (8, b'{"', "a safetensors file", OWN),
    (0, b"\x7fELF", "a program", CONVERT),
    (0, b"ID3", "an MP3 recording", CONVERT),
    (0, b"RIFF", "a recording or an image (RIFF)", CONVERT),
    (0, b"OggS", "a recording (Ogg)", CONVERT),
    (0, b"fLaC", "a recording (FLAC)", CONVERT),
    *((0, b"\x80" + bytes([version]), "a Python pickle", CONVERT) for version in range(2, 6)),
)
COUNTS = re.compile(
    rb"[^\t\n]*[^\s\x00][^\t\n]*\t[0-9]+\r?\n(?:[^\t\n]+\t[0-9]+\r?\n)*[^\n]*\Z"
)  # `n-gram TAB count` on all whole lines
LISTS = "a list of n-grams with their counts", "Make a counts file of it: `lmkit ngram train --count-lists`."
MANIFEST = "the manifest of a model in shards", "Name the folder that it is in."
WORD2VEC = re.compile(rb"\d{1,10} (\d{1,6})\n[^\s\x00]+ ")  # number of words and of values; the first word
ZIP = b"PK\x03\x04"
ZIPPED = (  # what the first bytes of a zip archive also hold, by kind
    (b"[Content_Types].xml", "an Office document (.docx, .xlsx, .pptx)", CONVERT),
    (b"opendocument", "an OpenDocument file (.odt, .ods)", CONVERT),
    (b"epub+zip", "an EPUB book", CONVERT),
    (b"data.pkl", "a PyTorch file", CONVERT),
    (b".npy", "a file of NumPy arrays (.npz)", CONVERT),
    (b"", "a zip archive", UNPACK),
)


def format_of(text: TextFile, head: bytes) -> Format:
    """The format of a text that begins with these bytes. DataError for a file that is no text; UsageError if it has no fields.

    Parquet is recognised by its first bytes, JSON lines, CSV and TSV only by name.
    """
    format = format_by_name(text)  # noqa: A001 (the name that users know)
    if text.format == "auto" and head.startswith(PARQUET) and looks_binary(head):
        format = "parquet"  # noqa: A001 (as above)
    elif format == "parquet":
        if head and not head.startswith(PARQUET):
            raise DataError(
                f"{source_name(text)} is not a Parquet file{likeness(head)}.", "Name its format with --format."
            )
    elif text.format != "text":
        refuse_binary(head, source_name(text))
    if format == "text" and head:
        refuse_field(text)
    if format not in ("csv", "tsv") and head:
        refuse_no_header(text)
    return format


def refuse_field(text: TextFile) -> None:
    """UsageError if a field is asked of plain text."""
    if text.field is not None:
        raise UsageError(
            f"the field {text.field} was asked for, but {source_name(text)} is read as plain text, which has no fields.",
            "Say what it is with --format jsonl, csv, tsv or parquet, or leave --field out; in a folder of all kinds of files, name those with the field by a pattern.",
        )


def refuse_no_header(text: TextFile) -> None:
    """UsageError if what has no header was said to have none."""
    if not text.header:
        raise UsageError(
            f"--no-header is for CSV and TSV, and {source_name(text)} is neither, as far as its name says.",
            "Say what it is with --format csv or tsv, or leave --no-header out.",
        )


def refuse_binary(head: bytes, name: str) -> None:
    """DataError if a file that begins with these bytes is of a known kind that is no text."""
    kind = binary_kind(head)
    if kind is not None:
        raise DataError(f"{name} is not text: it looks like {kind[0]}.", kind[1])


def refuse_arpa(head: bytes, name: str) -> None:
    """DataError if a file that begins with these bytes, and was given as a list of words, is an ARPA file."""
    if is_arpa(head):
        raise DataError(f"{name} is an ARPA file, and no list of words.", WEIGHTS)


def refuse_no_model(head: bytes, name: str) -> None:
    """DataError if a file that begins with these bytes, and was given as a model, is empty, or of a known kind without models."""
    if not head:
        raise DataError(
            f"{name}: this is not a model: it is empty.",
            "The command that was to write it failed, perhaps: its own message says why.",
        )
    kind = binary_kind(head) or (("binary data", MODELS) if b"\0" in head else LISTS if COUNTS.match(head) else None)
    if kind is not None:
        what, remedy = kind
        about_text = "text" in remedy or "--field" in remedy
        raise DataError(
            f"{name} is not a model that lmkit reads: it looks like {what}.", MODELS if about_text else remedy
        )


def looks_like_model(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a model, be it one that lmkit does not read."""
    kind = binary_kind(head)
    if kind is not None:
        return kind[1] in (WEIGHTS, OWN) or "model" in kind[0]
    return is_arpa(head)


def is_arpa(head: bytes) -> bool:
    """Whether a file that begins with these bytes is an ARPA file."""
    return any(line.strip() == ARPA_START for line in head.split(b"\n")) or head.startswith(OWN_ARPA)


def is_recipe(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a recipe, by its first key."""
    return RECIPE.match(head) is not None


def likeness(head: bytes) -> str:
    """What a file looks like, for a message."""
    kind = binary_kind(head)
    return "" if kind is None else f": it looks like {kind[0]}"


def binary_kind(head: bytes) -> tuple[str, str] | None:
    """What a file that begins with these bytes is, and what to do with it; None if it may be text."""
    if is_recipe(head):
        return "a recipe of a mixture of models", WEIGHTS
    if looks_like_manifest(head):
        return MANIFEST
    if not looks_binary(head):
        return None
    if head.startswith(ZIP):
        return next((what, remedy) for mark, what, remedy in ZIPPED if mark in head)
    if has_vectors(head):
        return "vectors in the binary format of word2vec", VECTORS
    found = (kind for kind in BINARY if head.startswith(kind[1], kind[0]))
    return next(((what, remedy) for _, _, what, remedy in found), None)


def has_vectors(head: bytes) -> bool:
    """Whether a file that begins with these bytes has two numbers on its first line, then a word and as many values as the second says.

    Values are in single precision, of moderate size, which letters in their place are not.
    """
    found = WORD2VEC.match(head)
    if found is None:
        return False
    values = head[found.end() : found.end() + 4 * int(found[1])]
    sizes = [abs(value) for (value,) in iter_unpack("<f", values[: len(values) // 4 * 4])]
    return bool(sizes) and all(size == 0 or 1e-7 < size < 1e4 for size in sizes)


def looks_binary(head: bytes) -> bool:
    """Whether these bytes have something that no text has."""
    try:
        getincrementaldecoder("utf-8")().decode(head)  # which takes a last character that is cut off
    except UnicodeDecodeError:
        return True
    return has_controls(head)
