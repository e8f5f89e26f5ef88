"""The forms of files of word classes, by name."""

from typing import Literal

ClassFormat = Literal["auto", "paths", "word-class", "srilm"]
