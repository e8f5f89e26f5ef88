"""Plots of texts: words by rank (Zipf 1949), vocabulary by length of text (Heaps 1978; Herdan 1960)."""

from collections import Counter
from pathlib import PurePath
from typing import Any

from lmkit.engine.wording import numbered
from lmkit.locales import AsGiven, to_say
from lmkit.plots.plot import Axis, Curve, Plot
from lmkit.scoring.result import finite_or_none
from lmkit.statistics.frequencies import word_frequencies
from lmkit.statistics.growth import vocabulary_growth
from lmkit.statistics.power_laws import HeapsLaw, ZipfLaw
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import TextFile, Texts, source_name, sources

RANKED = {
    "word": to_say("Word counts by rank: {texts}"),
    "character": to_say("Character counts by rank: {texts}"),
    "byte": to_say("Byte counts by rank: {texts}"),
}
RANKS = {
    "word": to_say("rank of the word"),
    "character": to_say("rank of the character"),
    "byte": to_say("rank of the byte"),
}
LENGTHS = {
    "word": to_say("length of the text in words"),
    "character": to_say("length of the text in characters"),
    "byte": to_say("length of the text in bytes"),
}
DISTINCT = {
    "word": to_say("distinct words"),
    "character": to_say("distinct characters"),
    "byte": to_say("distinct bytes"),
}
FITTED_TO = {
    "word": to_say("{first} to {last} words"),
    "character": to_say("{first} to {last} characters"),
    "byte": to_say("{first} to {last} bytes"),
}


def zipf_plot(
    texts: Texts,
    *,
    together: bool = False,
    title: str | None = None,
    settings: TextSettings | None = None,
    **how: Any,
) -> Plot:
    """How often the words of texts occur, by rank, with Zipf's law fitted: a curve for each text, or one for all together.

    The law is that of `word_frequencies`, which says what settings and all else are. DataError for a text without a word.
    """
    settings = settings or TextSettings()
    curves = []
    for name, group in named_groups(texts, together=together):
        found = word_frequencies(group, settings=settings, **how)
        law, (ranks, counts) = found.zipf, found.steps()
        about = {"text": name, "tokens": found.tokens, "types": found.types, **figures_of(law, found.signature)}
        columns: dict[str, Any] = {"rank": ranks, "count": counts, "fitted": law.at(ranks)}
        curves.append(Curve(legend(name, law, to_say(f"ranks {law.from_rank:,} to {law.to_rank:,}")), about, columns))
    return Plot(
        kind="zipf",
        title=title or RANKED[settings.unit].format(texts=titled(curves)),
        x=Axis("rank", RANKS[settings.unit], logarithmic=True),
        y=Axis("count", "occurrences", logarithmic=True),
        curves=tuple(curves),
        fitted=Axis("fitted", "Zipf’s law, fitted"),
    )


def heaps_plot(
    texts: Texts,
    *,
    together: bool = False,
    title: str | None = None,
    settings: TextSettings | None = None,
    **how: Any,
) -> Plot:
    """How the vocabulary of texts grows with their length, with Heaps' law fitted: a curve for each text, or one for all.

    The law is that of `vocabulary_growth`, which says what settings and all else are. DataError for a text without a word.
    """
    settings = settings or TextSettings()
    curves = []
    for name, group in named_groups(texts, together=together):
        found = vocabulary_growth(group, settings=settings, **how)
        law = found.heaps
        about = {"text": name, **figures_of(law, found.signature)}
        columns: dict[str, Any] = {"tokens": found.lengths, "types": found.types_at, "fitted": law.at(found.lengths)}
        fitted_to = FITTED_TO[settings.unit].format(first=f"{law.from_tokens:,}", last=f"{law.to_tokens:,}")
        curves.append(Curve(legend(name, law, fitted_to), about, columns))
    return Plot(
        kind="heaps",
        title=title or f"Growth of the vocabulary: {titled(curves)}",
        x=Axis("tokens", LENGTHS[settings.unit], logarithmic=True),
        y=Axis("types", DISTINCT[settings.unit], logarithmic=True),
        curves=tuple(curves),
        fitted=Axis("fitted", "Heaps’ law, fitted"),
    )


def named_groups(texts: Texts, *, together: bool) -> list[tuple[str, list[TextFile]]]:
    """The texts of each curve, and its name: the name of the file, with its folder where several have the same."""
    listed = sources(texts)
    full = [source_name(text) for text in listed]
    short = [PurePath(name).name or name for name in full]
    if together and len(listed) > 1:
        return [(" + ".join(short) if len(short) < 4 else numbered(len(short), "text"), listed)]
    often = Counter(short)
    return [
        (full_name if often[name] > 1 else name, [text])
        for full_name, name, text in zip(full, short, listed, strict=True)
    ]


def titled(curves: list[Curve]) -> str:
    """What a title says of the texts."""
    return str(curves[0].about["text"]) if len(curves) == 1 else numbered(len(curves), "text")


def legend(name: str, law: ZipfLaw | HeapsLaw, fitted_to: str) -> str:
    """The name of a curve, with the exponent of its law and what that was fitted to."""
    return AsGiven(name) if law.undefined else to_say(f"{name}, exponent {law.exponent:.3f} ({fitted_to})")


def figures_of(law: ZipfLaw | HeapsLaw, signature: str) -> dict[str, Any]:
    """What holds for a whole curve, for the data: the exponent of its law, None if undefined, and how it came about."""
    return {"exponent": finite_or_none(law.exponent), "signature": signature}
