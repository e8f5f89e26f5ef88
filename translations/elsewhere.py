"""What people are told that stands in no string of lmkit's: words of the system, units, and names that are said where they are shown."""

from lmkit.cli.help.options import PANELS

SYSTEM = (  # as errno has them, and Arrow
    "No such file or directory",
    "Permission denied",
    "Is a directory",
    "Not a directory",
    "File exists",
    "No space left on device",
    "Too many open files",
    "Input/output error",
    "File name too long",
    "Read-only file system",
    "Cannot allocate memory",
    "Directory not empty",
    "Broken pipe",
    "Disk quota exceeded",
    "File too large",
    "Operation not permitted",
    "{strerror} ({filename}).",
)
UNITS = ("{so_many} MB", "{so_many} bytes", "{so_many} byte", " and ", " or ", ":", "; ")
FLAGS = (
    "With {shortcuts}: {help}",
    "With feed-forward: {help}",
    "With transformer: {help}",
)  # of options of other commands (see `smoothing_flags`)
FORMULAS = (
    "{row_places} × {column_places}: {cells}",
    "{word} → {neighbour}; noise: {drawn}",
    "{word} → {neighbour}; noise: none, as the neighbour itself was drawn",
    "number",
    "probabilities",
    "vector",
    "max(x, 0);  1 where x > 0",
)
SIDES = ("words", "contexts", "positions", "dimensions", "queries", "keys")  # of heat maps, as `plural` makes them
MANY_TEXTS = (  # in place of the name of one (see `numbered`)
    "Word counts by rank: {so_many} texts",
    "Character counts by rank: {so_many} texts",
    "Byte counts by rank: {so_many} texts",
    "Growth of the vocabulary: {so_many} texts",
    "{so_many} texts, exponent {exponent} ({fitted_to})",
)
DISCOUNTS = tuple(  # how they were found is a word of signatures, too
    f"order {{order}}: discounts {{values}} ({source}; n1 to n4: {{n}})"
    for source in ("estimated", "generalised", "fixed", "given")
)
CHECKED = (
    "{source}: model of order {order}{shards}, n-grams {ngrams}: {result}",
    "{source}: counts of order {order}{shards}, n-grams {ngrams}: {result}",
    "after {word}",
    "{file} holds {title}: a mixture with it",
)
FOLDERS = ("{source}: 1 file ({suffix})", "{source}: {so_many} files ({suffix})")
NONE = ("0 errors", "0 warnings", "0 notes")  # which are one in French
SAID_ELSEWHERE = (
    *SYSTEM,
    *UNITS,
    *PANELS,
    *FLAGS,
    *FORMULAS,
    *SIDES,
    *MANY_TEXTS,
    *DISCOUNTS,
    *NONE,
    *CHECKED,
    *FOLDERS,
)
