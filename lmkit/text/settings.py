"""What shapes a text before it is counted; stored in every model and applied again by whoever uses it."""

import difflib
import hashlib
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from lmkit.errors import UsageError

Reserved = Literal["error", "skip", "keep"]
BlankLines = Literal["skip", "sentence"]
Normalize = Literal["none", "nfc", "nfkc"]
Unit = Literal["word", "character", "byte"]
Tokenizer = Literal["whitespace", "words", "nltk:toktok", "nltk:treebank", "nltk:tweet", "nltk:wordpunct"]
Sentences = Literal["line", "document", "split"]
Language = Literal["any", "en", "fr"]
EncodingErrors = Literal["strict", "replace"] | None  # None: strict, where whoever reads is not offered the choice
RARE = ("casefold", "unify_quotes", "fold_numbers", "strip_accents")
OF_SENTENCES = ("sentences", "language", "reserved", "blank_lines")  # how sentences are found in a text


@dataclass(frozen=True)
class TextSettings:
    """How text becomes sentences of tokens."""

    sentences: Sentences = "line"  # what a sentence is: a line, a whole file, or what the rules for running text find
    language: Language = "any"  # whose abbreviations these rules know
    unit: Unit = "word"  # what a token is: a word, a Unicode code point, a byte of UTF-8
    tokenizer: Tokenizer = "whitespace"  # of words
    lowercase: bool = False  # simple case mapping, one code point to one
    normalize: Normalize = "nfc"  # Unicode normalisation form of the words, or of the text before it is cut into units
    casefold: bool = False  # full case folding: ß is ss
    unify_quotes: bool = False  # ’ and ‘ are ', « and “ are "
    fold_numbers: bool = False  # every digit is 0
    strip_accents: bool = False  # é is e
    reserved: Reserved = "error"  # words <s> </s> <unk>: an error, white space, or (<unk> only) the unknown word
    blank_lines: BlankLines = "skip"  # a blank line is no sentence, or one, such as <s> </s>
    tokenizer_json: str = field(
        default="", repr=False
    )  # the file of a subword tokenizer, whose name stands in `tokenizer`

    def __post_init__(self) -> None:
        types = get_type_hints(type(self))
        for setting in fields(self):
            name, value = setting.name, getattr(self, setting.name)
            if name == "tokenizer_json" or (name == "tokenizer" and self.tokenizer_json):
                continue
            allowed = get_args(types[name])
            if allowed and value not in allowed:
                near = difflib.get_close_matches(str(value), allowed, n=1)
                listed = ", ".join(allowed)
                raise UsageError(
                    f"{name} is {value!r}; it must be one of: {listed}{f' (did you mean {near[0]}?)' if near else ''}."
                )
            if not allowed and type(value) is not bool:
                raise UsageError(f"{name} is {value!r}; it must be true or false.")
        if self.tokenizer_json:
            check_subwords(self.tokenizer, self.tokenizer_json)

    def for_signature(self) -> dict[str, Any]:
        """The settings as they stand in signatures: what is rarely done stands there only if it was."""
        shown_ones = {name: value for name, value in asdict(self).items() if value is not False or name not in RARE}
        if self.sentences != "split" or self.language == "any":
            del shown_ones["language"]
        del shown_ones["tokenizer_json"]
        return shown_ones

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values, for a file's metadata."""
        values = asdict(self)
        if not self.tokenizer_json:
            del values["tokenizer_json"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TextSettings":
        """The settings stored by `as_dict`; what older files lack was not done, unknown keys are refused."""
        return cls(**({"normalize": "none"} | values))

    def for_use_with(self, **wanted: Any) -> "TextSettings":
        """These settings of a model, with what a command asked for (None: nothing).

        How sentences are found may differ from the training text (OF_SENTENCES); how tokens look may not
        (all others): UsageError.
        """
        wanted.pop("tokenizer_json", None)  # what its name says
        changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(self, name)}
        for name in sorted(changes.keys() - {*OF_SENTENCES}):
            asked, made = shown(changes[name]), shown(getattr(self, name))
            option = name.replace("_", "-")
            raise UsageError(
                f"{option} is {asked} here, but the model was made with {option} {made}.",
                f"The model applies its own setting: leave the option out, or train a model with {option} {asked} (--force scores all the same).",
            )
        return replace(self, **changes)


def subword_name(kind: str, size: int, text: str) -> str:
    """The name of a subword tokenizer: kind, number of tokens, first 8 digits of the SHA-256 of its file."""
    return f"{kind}-{size}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def check_subwords(name: object, text: object) -> None:
    """UsageError unless this is the name of the subword tokenizer with this file."""
    fits = isinstance(name, str) and isinstance(text, str) and re.fullmatch(r"[a-z]+-\d+-[0-9a-f]{8}", name)
    if not fits or subword_name("", 0, str(text))[-8:] != str(name)[-8:]:
        raise UsageError(f"tokenizer is {name!r}, but the tokenizer that is stored with it is another one.")


def shown(value: object) -> str:
    """A setting as it stands in a signature: no and yes for truth values."""
    return {False: "no", True: "yes"}.get(value, str(value)) if isinstance(value, bool) else str(value)
