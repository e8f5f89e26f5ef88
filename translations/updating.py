"""Catalogues brought up to what the source says: translations that stand are kept, those of texts that are gone are put aside."""

from pathlib import Path

from lmkit.locales.catalogues import DOMAIN, FOLDER
from lmkit.locales.compiled import compiled
from lmkit.locales.templates import GAP
from translations import po
from translations.extraction import shape, templates
from translations.po import Entry

LANGUAGES = ("fr",)


def catalogue(language: str) -> Path:
    """The file of a catalogue."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update(language: str) -> list[str]:
    """Write the catalogue anew; returns the texts without a translation."""
    head, *known = po.read(catalogue(language).read_text(encoding="utf-8"))
    entries, unused = brought_up({entry.text: entry.translation for entry in known}, templates())
    catalogue(language).write_text(po.written([head, *entries], unused), encoding="utf-8", newline="\n")
    return [entry.text for entry in entries if not entry.translation]


def brought_up(known: dict[str, str], found: dict[str, list[str]]) -> tuple[list[Entry], dict[str, str]]:
    """The entries for the texts that were found, and the translations that none of them has."""
    by_shape = {shape(text): text for text in known}
    entries = []
    used = set()
    for text, places in found.items():
        old = text if text in known else by_shape.get(shape(text))
        used.add(old)
        translation = "" if old is None else renamed(known[old], old, text)
        entries.append(Entry(text, translation, sorted(places)))
    return entries, {text: said for text, said in known.items() if text not in used and said}


def renamed(translation: str, old: str, new: str) -> str:
    """A translation whose gaps have the names that they have now."""
    names = dict(zip(GAP.findall(old), GAP.findall(new), strict=True))
    return GAP.sub(lambda gap: f"{{{names.get(gap[1], gap[1])}}}", translation)


def compile_catalogue(language: str) -> None:
    """Write the compiled catalogue beside it."""
    catalogue(language).with_suffix(".mo").write_bytes(in_bytes(language))


def in_bytes(language: str) -> bytes:
    """The compiled catalogue."""
    head, *entries = po.read(catalogue(language).read_text(encoding="utf-8"))
    said = {entry.text: entry.translation for entry in entries if is_needed(entry)}
    return compiled(said, head.translation)


def is_needed(entry: Entry) -> bool:
    """Whether a translation changes anything: it is another text, or what fills its gaps may be translated."""
    if not entry.is_used or not entry.translation:
        return False
    return entry.translation != entry.text or bool(GAP.search(entry.text))
