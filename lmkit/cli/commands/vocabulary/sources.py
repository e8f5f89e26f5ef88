"""What `lmkit vocabulary compare` reads: texts, word lists and models, told apart by how they begin."""

import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from lmkit.cli.options.groups import Formatting, Scoring
from lmkit.text.word_lists.names import ListFormat

if TYPE_CHECKING:
    from lmkit.statistics.word_list import WordList
    from lmkit.text.settings import TextSettings

Kind = Literal["text", "words", "model"]
LOOKED_AT = 1 << 16  # bytes
COUNTED_WORD = re.compile(rb"[^\t\n]*\t\d+\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """Something with a vocabulary, ready to be read."""

    place: str | BinaryIO  # a file, or a stream that can be read once
    kind: Kind
    list_format: ListFormat = "auto"  # of a list of words

    def load(self) -> "WordList":
        """The words of a model."""
        from lmkit.statistics.word_list import words_of_model
        from lmkit.storage import load_knowing

        return words_of_model(load_knowing(self.place))

    def read(self, settings: "TextSettings", options: Scoring) -> "WordList":
        """The words of a text or of a list."""
        from lmkit.statistics.word_list import read_word_list, word_list
        from lmkit.text.word_lists.names import WordFile

        if self.kind == "words":
            return read_word_list(WordFile(self.place, list_format=self.list_format), settings)
        return word_list(options.text(self.place), **options.for_scoring(settings))


def opened_source(opened: ExitStack, path: str, kind: Kind | None, list_format: ListFormat = "auto") -> Source:
    """A text, word list or model, as told or as it looks; a pipe stays open in `opened`."""
    from lmkit.engine.shards.places import is_folder_of_shards
    from lmkit.text.sources.names import is_one_file, is_special, source_name
    from lmkit.text.sources.opening import Rejoined, open_source, read_bytes

    if is_folder_of_shards(path):
        return Source(path, kind or "model", list_format)
    if path != "-" and not is_special(path) and not is_one_file(path):
        return Source(path, kind or "text", list_format)  # a folder, a pattern, one of lmkit's or NLTK's
    name = source_name(path)
    with ExitStack() as looked_at:
        stream = looked_at.enter_context(open_source(path))
        start = read_bytes(stream, LOOKED_AT, name)
        kind = kind or kind_of(start)
        if path != "-" and is_one_file(path):
            return Source(path, kind, list_format)
        opened.push(looked_at.pop_all())
        return Source(cast(BinaryIO, Rejoined(start, stream, name)), kind, list_format)


def only_source(opened: ExitStack, options: Formatting, files: list[str] | None) -> Source | None:
    """The only file or pipe, as it looks; None if there are several, or the options say that it is text, or it is none of both."""
    from lmkit.engine.shards.places import is_folder_of_shards
    from lmkit.text.sources.names import is_one_file, is_special

    (path, *others) = files or ["-"]
    if others or options.told():
        return None
    is_pipe = is_special(path) if path != "-" else bool(files) or (sys.stdin is not None and not sys.stdin.isatty())
    return opened_source(opened, path, None) if is_pipe or is_one_file(path) or is_folder_of_shards(path) else None


def kind_of(start: bytes) -> Kind:
    """What a file that begins like this is: a model, a list of words with counts, or else a text."""
    from lmkit.binary.header import looks_like_kenlm
    from lmkit.engine.files.tensors import looks_like_safetensors
    from lmkit.text.sources.recognition import is_arpa, is_recipe

    if looks_like_safetensors(start[:9]) or looks_like_kenlm(start) or is_arpa(start) or is_recipe(start):
        return "model"
    return "words" if COUNTED_WORD.match(start) else "text"
