"""Options of what takes a file of word classes."""

from typing import Annotated

from lmkit.classes.files.names import ClassFormat
from lmkit.cli.declared import Option

ClassFormatOption = Annotated[
    ClassFormat,
    Option(
        "--class-format",
        help="How the file of classes is written; auto: by its lines; paths: Brown's bits, word, count; srilm: CLASS [p] word.",
    ),
]
