"""Words and sentences as a decoder gives them, as ids of a model."""

from collections.abc import Iterable
from dataclasses import replace

from lmkit.scoring.protocol import Model
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.splitting import split_block, splits_at_spaces
from lmkit.text.vocabulary import UNK

MOST_WORDS = 1 << 20  # that are remembered, as they were given

Text = str | bytes


class WordIds(dict[Text, int]):
    """The ids of words as they are given, looked up when they first come."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._vocabulary, self._settings = model.vocabulary, sentence_settings(model)
        # Units and subwords have names, which are what they are.
        self._shapes = self._settings.unit == "word" and not self._settings.tokenizer_json

    def __missing__(self, word: Text) -> int:
        try:
            data = utf8(word)
            shaped = shape_words([data], self._settings) if self._shapes else [data]
            found = int(self._vocabulary.ids_of(shaped)[0])
        except UnicodeError:  # no text, and no word
            found = UNK
        if len(self) >= MOST_WORDS:
            self.clear()
        self[word] = found = UNK if found < 0 else found
        return found


def sentence_settings(model: Model) -> TextSettings:
    """How sentences are read for a model: each of them is one, be it blank. Words of another tool's model are what they are, as KenLM has it."""
    return replace(model.settings or TextSettings(normalize="none"), blank_lines="sentence")


def utf8(text: Text) -> bytes:
    """A text as bytes of UTF-8. TypeError for anything else."""
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, bytes):
        return text
    raise TypeError(f"a text is str or bytes, and not {type(text).__name__}")


def words_of(sentence: Text, settings: TextSettings) -> list[bytes]:
    """The tokens of a sentence, as the settings split it. DataError for what is no text, where a tokenizer has to read it."""
    data = utf8(sentence)
    if splits_at_spaces(settings):
        return data.split()
    entries = split_block(lines_of([data], 1), settings)
    return [word for place in entries.running.tolist() if (word := entries.words[place])]


def lines_of(sentences: Iterable[bytes], first: int) -> Block:
    """Sentences as lines of a text. first: the number of the first. DataError for what is no text."""
    data = b"".join(sentence.replace(b"\n", b" ") + b"\n" for sentence in sentences)
    return checked(Block(data, "<sentences>", first, 0), None)
