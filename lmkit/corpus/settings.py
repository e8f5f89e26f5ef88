"""What shapes a text before it is counted; stored in every model and applied again by whoever uses it."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from lmkit.errors import UsageError

Reserved = Literal["error", "skip", "keep"]
BlankLines = Literal["skip", "sentence"]
Normalize = Literal["none", "nfc"]
Unit = Literal["word", "character", "byte"]
Tokenizer = Literal["whitespace"]
EncodingErrors = Literal["strict", "replace"]


@dataclass(frozen=True)
class TextSettings:
    """How lines of text become sentences of tokens."""

    unit: Unit = "word"  # what a token is: a word, a Unicode code point, a byte of UTF-8
    tokenizer: Tokenizer = "whitespace"  # of words
    lowercase: bool = False  # simple case mapping, one code point to one
    normalize: Normalize = "none"  # Unicode normalisation form of the words, or of the text before it is cut into units
    reserved: Reserved = "error"  # words <s> </s> <unk>: an error, white space, or (<unk> only) the unknown word
    blank_lines: BlankLines = "skip"  # a blank line is no sentence, or one, such as <s> </s>

    def __post_init__(self) -> None:
        types = get_type_hints(type(self))
        for field in fields(self):
            allowed = get_args(types[field.name])
            value = getattr(self, field.name)
            if allowed and value not in allowed:
                raise UsageError(f"{field.name} is {value!r}; it must be one of: {', '.join(allowed)}.")
            if not allowed and type(value) is not bool:
                raise UsageError(f"{field.name} is {value!r}; it must be true or false.")

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values, for a file's metadata."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TextSettings":
        """The settings stored by `as_dict`; what older files lack has its default, unknown keys are refused."""
        return cls(**values)

    def for_use_with(self, **wanted: Any) -> "TextSettings":
        """These settings of a model, with what a command asked for (None: nothing).

        How sentences are found may differ from the training text (`reserved`, `blank_lines`); how tokens
        look may not (`unit`, `tokenizer`, `lowercase`, `normalize`): UsageError.
        """
        changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(self, name)}
        for name in ("unit", "tokenizer", "lowercase", "normalize"):
            if name in changes:
                raise UsageError(
                    f"{name} is {shown(changes[name])} here, but the model was made with {name} {shown(getattr(self, name))}.",
                    f"The model applies its own setting: leave the option out, or train a model with {name} {shown(changes[name])}.",
                )
        return replace(self, **changes)


def shown(value: object) -> str:
    """A setting as it stands in a signature: no and yes for truth values."""
    return {False: "no", True: "yes"}.get(value, str(value)) if isinstance(value, bool) else str(value)
