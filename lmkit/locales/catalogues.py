"""A catalogue of translations, which tells the French of an English text that the library made.

Messages are put together in many places, with values in them, so the text itself says what it was made of: its template is looked for
among those of the catalogue, which a test compares with the source.
"""

import re
from functools import cache, cached_property
from pathlib import Path

from lmkit.locales.compiled import read
from lmkit.locales.templates import AS_WRITTEN, GAP, Templates, is_whole

FOLDER = Path(__file__).parent
DOMAIN = "lmkit"
SPEAKER = "lmkit: "  # before what is told on standard error
NO_BREAK = "\u00a0"  # also in Latin-1, and in code pages of old consoles, which the narrow one is not
SPEAKER_SAID = f"lmkit{NO_BREAK}: "
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])")
SENTENCE_ENDS = re.compile(r"(?<=[.?!]) (?=[A-Z`-])")
NUMBERS = re.compile(r"[\d,.]+(?: [\d,.]+)*")
SEPARATORS = ("; ", ", ", " and ", " or ")
AND_MORE = re.compile(r"(.*)( and [\d,]+ more)", re.DOTALL)  # ends a list that is cut
NAMES = re.compile(
    r"(?:`[^`]*`|[^\s`]+)(?:(?:, | and | or )(?:`[^`]*`|[^\s`]+))*"
)  # a list of what has no blanks, or is code
DIGITS = "0123456789"


class Catalogue:
    """Translations of texts, and of templates with gaps."""

    def __init__(self, translations: dict[str, str]) -> None:
        self._texts = translations
        self._stripped = {text.strip(" "): said.strip(" ") for text, said in translations.items() if text[:1] == " "}
        self._known: dict[str, str] = {}

    @cached_property
    def _templates(self) -> Templates:
        return Templates(
            {
                unprefixed(text).strip(" "): unprefixed(said).strip(" ")
                for text, said in self._texts.items()
                if "{" in text and GAP.search(text)
            }
        )

    def translated(self, text: str) -> str:
        """The translation of a text: of the whole of it, of its lines, or its sentences; of what has none, the text itself."""
        if text not in self._known:
            self._known[text] = self._translated(text)
        return self._known[text]

    def _translated(self, text: str) -> str:
        if text in self._texts:
            return self._texts[text]
        if text[-1:] == ":" and text[:-1] in self._texts:  # a heading
            return self._texts[text[:-1]] + self._texts.get(":", ":")
        if text.startswith(SPEAKER):
            return f"{SPEAKER_SAID}{self.translated(text.removeprefix(SPEAKER))}"
        if "\n" in text and not self._is_one(text):
            return "\n".join(map(self.translated, text.split("\n")))
        if self._is_one(text) or not self._can_be_cut(text):
            return self._found(text) or self._sentences_said(text)
        return self._sentences_said(text)

    def _is_one(self, text: str) -> bool:
        """Whether a template made the whole of a text, and none of what fills its gaps ends a sentence."""
        found = self._templates.matched(text.strip(" "))
        return found is not None and not any(SENTENCE_ENDS.search(value) for value in found[1].values())

    def _can_be_cut(self, text: str) -> bool:
        """Whether the first sentences of a text have a translation by themselves."""
        sentences = SENTENCE_ENDS.split(text)
        return any(self._is_known(" ".join(sentences[:end])) for end in range(1, len(sentences)))

    def _is_known(self, text: str) -> bool:
        return text in self._texts or text in self._stripped or self._is_one(text)

    def _sentences_said(self, text: str) -> str:
        """Sentences one by one; a template may have made several, of which the longest are tried first."""
        sentences = SENTENCE_ENDS.split(text)
        for end in range(len(sentences) - 1, 0, -1):
            first = " ".join(sentences[:end])
            if self._is_known(first):
                return f"{self._found(first)} {self.translated(' '.join(sentences[end:]))}"
        if len(sentences) == 1:
            return self._behind_a_place(text)
        return f"{sentences[0]} {self.translated(' '.join(sentences[1:]))}"

    def _behind_a_place(self, text: str) -> str:
        """A sentence whose first words, up to a colon, say of what the others are: these are translated."""
        for colon in re.finditer(": ", text):
            said = self._found(text[colon.end() :])
            if said is not None:
                return f"{text[: colon.start()]}{self._texts.get(':', ':')} {said}"
        return text

    def _found(self, text: str) -> str | None:
        """The translation of the whole of a text; None if there is none."""
        if text in self._texts:
            return self._texts[text]
        stripped = text.strip(" ")
        said = self._texts.get(stripped, self._stripped.get(stripped))
        if said is None:
            said = self._stopped(stripped)
        if said is None and stripped:
            said = self._behind_a_name(stripped) or self._made(stripped)
        return None if said is None else text.replace(stripped, said) if stripped else said

    def _made(self, text: str) -> str | None:
        """The translation of what a template made; of one that has no full stop, with that of the text, if it says more."""
        if text.endswith(".") and (bare := self._templates.matched(text[:-1])) is not None and is_whole(bare[1]):
            whole = self._templates.matched(text)
            if whole is None or (":" not in whole[0].literal and whole[0].weight < bare[0].weight):
                return f"{self._templates.translated(text[:-1], self.gap_said)}."
        return self._templates.translated(text, self.gap_said)

    def _behind_a_name(self, text: str) -> str | None:
        """A text whose first word, before a colon, says of what the rest is, where a template says more of the rest than any of the whole."""
        name, _, rest = text.partition(": ")
        bare = rest.removesuffix(".")
        if " " in name or not bare or (part := self._templates.matched(bare)) is None:
            return None
        whole = self._templates.matched(text)
        if whole is None or ":" in whole[0].literal or whole[0].weight >= part[0].weight or not is_whole(part[1]):
            return None
        return f"{name}{self._texts.get(':', ':')} {self._templates.translated(bare, self.gap_said)}{rest[len(bare) :]}"

    def _stopped(self, text: str) -> str | None:
        """The translation of what stands in the catalogue with or without a full stop, or with a capital, as a part of a sentence has it not."""
        bare = text.removesuffix(".")
        for whole in (f"{bare}.", bare, f"{bare[:1].upper()}{bare[1:]}."):
            if said := self._texts.get(whole):
                said = said.removesuffix(".") + text[len(bare) :]
                return said if whole[:1] == text[:1] else f"{said[0].lower()}{said[1:]}"
        return None

    def gap_said(self, name: str, value: str) -> str:
        """What fills a gap: words of a text, and names, as they are; all else as `value_said` has it."""
        if cut := AND_MORE.fullmatch(value):
            return f"{self.gap_said(name, cut[1])}{self.translated(cut[2])}"
        is_data = name.rstrip(DIGITS) in AS_WRITTEN and not NUMBERS.fullmatch(value)
        return value if is_data else self.value_said(value)

    def value_said(self, value: str) -> str:
        """What fills a gap: numbers as the language groups them; phrases, also in lists, translated; names as they are."""
        if NUMBERS.fullmatch(value) and GROUPED.search(value):
            return ", ".join(map(grouped, value.split(" ")))
        if " " not in value.strip():
            return value
        if "; " in value and (listed := self._parts_said(value, "; ")):
            return listed
        found = self._found(value)
        if found is not None:
            return found
        for separator in SEPARATORS:
            if separator in value:
                return self._list_said(value, separator)
        return self._sentences_said(value)

    def _parts_said(self, value: str, separator: str) -> str | None:
        """A list, if each part has a translation, or is a word or a number."""
        parts = [self._found(part) or (None if " " in part else part) for part in value.split(separator)]
        return None if None in parts else self._texts.get(separator, separator).join(filter(None, parts))

    def _list_said(self, value: str, separator: str) -> str:
        """A list, each part translated; what may be a phrase that nobody has translated stays as it is."""
        said = self._texts.get(separator, separator)
        parts = value.split(separator)
        translated = list(map(self.value_said, parts))
        return value if translated == parts and not NAMES.fullmatch(value) else said.join(translated)


def grouped(number: str) -> str:
    """A number whose thousands are apart as French has them."""
    return number.replace(",", NO_BREAK)


def unprefixed(text: str) -> str:
    """A text without who says it."""
    return text.removeprefix(SPEAKER).removeprefix(SPEAKER_SAID)


@cache
def catalogue_of(language: str) -> Catalogue:
    """The catalogue of a language."""
    return Catalogue(read((FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo").read_bytes()))
