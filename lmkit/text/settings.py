"""What shapes a text before it is counted; stored in every model and applied again by whoever uses it.

To add a setting, add a field to `TextSettings`: its option, its place in signatures and suites, and who compares it, follow from what
is told there (see `Setting`).
"""

import os
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, NamedTuple, get_args, get_type_hints

from lmkit.errors import UsageError
from lmkit.one_line import one_line
from lmkit.text.setting_fields import Role, Setting, shown, told
from lmkit.text.tokens.registry import TOKENIZERS

Reserved = Literal["error", "skip", "keep"]
BlankLines = Literal["skip", "sentence"]
Normalize = Literal["none", "nfc", "nfkc"]
Unit = Literal["word", "character", "byte"]
Sentences = Literal["line", "document", "split"]
Language = Literal["any", "en", "fr"]
UNITS = tuple(unit for unit in get_args(Unit) if unit != "word")  # each is also the name of a tokenizer for people
WHITESPACE, *OTHERS = TOKENIZERS  # the first is the default


class Difference(NamedTuple):
    """A setting that is not the same in two places, and how it is shown in each."""

    setting: Setting
    own: str
    other: str


@one_line
@dataclass(frozen=True)
class TextSettings:
    """How text becomes sentences of tokens.

    These are plain values, checked. `TextSettings.named` also takes what people call tokenizers: character, byte, and files.
    """

    sentences: Sentences = field(default="line", metadata=told(
        Role.SENTENCES,
        "A sentence is a line [default]; document: a whole file, held in memory (some 10 times its size); "
        "split: what is found in running text, where blank lines end paragraphs and line ends are spaces.",
    ))  # fmt: skip
    language: Language = field(default="any", metadata=told(
        Role.SENTENCES, "Whose abbreviations --sentences split knows [default: any: of all these].",
        shown="if set", only_with=("sentences", "split"),
    ))  # fmt: skip
    unit: Unit = field(default="word", metadata=told(
        Role.WORDS, "What a token is: a word, a Unicode code point, a byte of UTF-8{default}.",
    ))  # fmt: skip
    tokenizer: str = field(default=WHITESPACE, metadata=told(
        Role.WORDS,
        f"How lines are split into words: {WHITESPACE} [default], {', '.join(OTHERS)}; "
        f"{', '.join(UNITS)}: as --unit; a .json FILE: subwords (lmkit tokenizer train); a .model FILE of SentencePiece.",
        names=tuple(TOKENIZERS), help_after="normalize",
        remedy=f"TextSettings.named(tokenizer=...) also takes {', '.join(UNITS)}, and the .json or .model file of a tokenizer.",
    ))  # fmt: skip
    lowercase: bool = field(default=False, metadata=told(  # simple case mapping, one code point to one
        Role.WORDS, "Lower-case the text.", in_subwords=True,
    ))  # fmt: skip
    normalize: Normalize = field(default="nfc", metadata=told(  # of the words, or of the text before it is cut into units
        Role.WORDS, "Unicode normalization of the text{default}.", in_subwords=True,
    ))  # fmt: skip
    casefold: bool = field(default=False, metadata=told(Role.WORDS, "Full case folding: ß is ss.", shown="if set"))
    unify_quotes: bool = field(default=False, metadata=told(
        Role.WORDS, "’ is ', and « or “ is \".", shown="if set", in_subwords=True,
    ))  # fmt: skip
    fold_numbers: bool = field(default=False, metadata=told(
        Role.WORDS, "Every digit is 0.", shown="if set", in_subwords=True,
    ))  # fmt: skip
    strip_accents: bool = field(default=False, metadata=told(
        Role.WORDS, "é is e.", shown="if set", in_subwords=True,
    ))  # fmt: skip
    reserved: Reserved = field(default="error", metadata=told(
        Role.READING,
        "<s> </s> <unk> in the text: an error [default]; skip: white space; keep: <unk> is the unknown word.",
    ))  # fmt: skip
    blank_lines: BlankLines = field(default="skip", metadata=told(
        Role.READING, "A blank line is nothing [default: skip], or an empty sentence.",
    ))  # fmt: skip
    unknown_word: str = field(default="", metadata=told(
        Role.READING, "The word of the text, or of an ARPA file, that stands for unknown ones, as '<OOV>': it is <unk>.",
        is_free=True, shown="if set", help_after="reserved",
    ))  # fmt: skip
    sentence_marks: bool = field(default=True, metadata=told(
        Role.WORDS, "Each sentence has <s> and </s> [default]; --no-sentence-marks: neither; its end is no event.",
        shown="if set",
    ))  # fmt: skip
    tokenizer_json: str = field(default="", repr=False)  # the file of a subword tokenizer whose name is in `tokenizer`

    def __post_init__(self) -> None:
        for each in SETTINGS.values():
            if each.name != "tokenizer" or not self.tokenizer_json:
                each.check(getattr(self, each.name))
        if self.tokenizer_json:
            check_subwords(self.tokenizer, self.tokenizer_json)
        if self.blank_lines == "sentence" and not self.sentence_marks:
            raise UsageError(
                "--blank-lines sentence and --no-sentence-marks exclude each other: an empty sentence is nothing but its marks.",
                "Leave one of them out.",
            )

    @classmethod
    def named(cls, *, folder: str | os.PathLike[str] = "", **wanted: Any) -> "TextSettings":
        """The settings with what is wanted (None: the default), where tokenizer may be a name as on the command line.

        That is also a unit (character, byte), or the .json or .model file of a tokenizer, in `folder` if it is relative. UsageError for
        values that are not allowed, and for a unit that is not that of the tokenizer; DataError for a file that is no tokenizer.
        """
        return cls().changed(folder=folder, **wanted)

    def changed(self, *, folder: str | os.PathLike[str] = "", **wanted: Any) -> "TextSettings":
        """These settings with what is wanted (None: as it is), by name as in `named`."""
        from lmkit.text.tokens.names import without_names

        if self.tokenizer_json and wanted.get("tokenizer") == self.tokenizer:  # a name that can be read nowhere
            wanted = wanted | {"tokenizer_json": self.tokenizer_json}
        changes = without_names(wanted, folder)
        if (
            self.tokenizer_json and changes.get("tokenizer_json") == self.tokenizer_json
        ):  # what it wants by default was settled
            asked = {"tokenizer_json"} | {name for name, value in wanted.items() if value is not None}
            changes = {name: value for name, value in changes.items() if name in asked}
        if changes.get("unit", self.unit) != self.unit and self.tokenizer_json:  # what it made was words
            changes = {"tokenizer": WHITESPACE} | changes
        return replace(self, **({"tokenizer_json": ""} if "tokenizer" in changes else {}) | changes)

    def for_use_with(
        self, *, folder: str | os.PathLike[str] = "", forcible: bool = True, **wanted: Any
    ) -> "TextSettings":
        """These settings of a model, with what a command asked for (None: nothing), by name as in `named`.

        How sentences are found and lines are read may differ from the training text; what words are may not: UsageError.
        forcible: whether the command has --force.
        """
        changed = self.changed(folder=folder, **wanted)
        for each, asked, made in changed.differences(self, Role.WORDS):
            raise UsageError(
                f"{each.option} is {asked} here, but the model was made with {each.option} {made}.",
                f"The model applies its own setting: leave the option out, or train a model with {each.option} {asked}{' (--force scores all the same)' if forcible else ''}.",
            )
        return changed

    def differences(self, other: "TextSettings", *roles: Role) -> list[Difference]:
        """The settings of these roles (default: of all) that are not the same; what does nothing in both is no difference."""
        return [
            Difference(each, *(shown(getattr(settings, each.name)) for settings in (self, other)))
            for each in SETTINGS.values()
            if getattr(self, each.name) != getattr(other, each.name)
            and (not roles or each.role in roles)
            and (each.applies(self) or each.applies(other))
        ]

    def for_signature(self) -> dict[str, Any]:
        """The settings as they stand in signatures: what is rarely done stands there only if it was."""
        return {name: getattr(self, name) for name, each in SETTINGS.items() if each.in_signature(self)}

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values, for a file's metadata."""
        values = asdict(self)
        for rare in ("tokenizer_json", "unknown_word"):
            if not values[rare]:
                del values[rare]
        if self.sentence_marks:
            del values["sentence_marks"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TextSettings":
        """The settings stored by `as_dict`; what older files lack was not done. UsageError for unknown ones."""
        known = {each.name for each in fields(cls)}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise UsageError(f"this lmkit knows no setting {', '.join(unknown)}")
        return cls(**({"normalize": "none"} | values))


TYPES = get_type_hints(TextSettings)
SETTINGS = {
    each.name: Setting(each.name, TYPES[each.name], each.default, **each.metadata)
    for each in fields(TextSettings)
    if each.metadata
}


def has_marks(settings: TextSettings | None) -> bool:
    """Whether sentences have <s> and </s>, so that </s> is an event, where text is read so (None: as by default)."""
    return settings is None or settings.sentence_marks


def refuse_without_marks(settings: TextSettings | None, what: str) -> None:
    """UsageError for what needs the marks of sentences, where there are none. what: it, with its verb."""
    if not has_marks(settings):
        raise UsageError(
            f"{what} <s> and </s>, and there are none with --no-sentence-marks.",
            "Read the text, and train the model, with the marks of sentences.",
        )


def names_of(*roles: Role) -> tuple[str, ...]:
    """The names of the settings with these roles."""
    return tuple(name for name, each in SETTINGS.items() if each.role in roles)


def subword_name(kind: str, size: int, text: str) -> str:
    """The name of a subword tokenizer: kind, number of tokens, first 8 digits of the SHA-256 of its file."""
    import hashlib

    return f"{kind}-{size}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def check_subwords(name: object, text: object) -> None:
    """UsageError unless this is the name of the subword tokenizer with this file."""
    fits = isinstance(name, str) and isinstance(text, str) and re.fullmatch(r"[a-z]+-\d+-[0-9a-f]{8}", name)
    if not fits or subword_name("", 0, str(text))[-8:] != str(name)[-8:]:
        raise UsageError(f"tokenizer is {name!r}, but the tokenizer that is stored with it is another one.")
