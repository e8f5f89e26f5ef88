"""Plots of texts: words by rank (Zipf 1949), vocabulary by length of text (Heaps 1978; Herdan 1960)."""

from collections import Counter
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from lmkit.errors import DataError
from lmkit.ngrams.counting.count import count_ngrams
from lmkit.plots.plot import Axis, Curve, Plot
from lmkit.signature import signature
from lmkit.statistics.curves import PowerLaw, rank_frequency, vocabulary_growth
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import EncodingErrors, TextSettings
from lmkit.text.sources.names import TextFile, Texts, source_name, sources
from lmkit.text.vocabulary import UNK, WordNumbering

UNITS = {"word": "words", "character": "characters", "byte": "bytes"}
OnBytes = Callable[[int], None]


def zipf_plot(
    texts: Texts,
    *,
    together: bool = False,
    title: str | None = None,
    settings: TextSettings | None = None,
    **reading: Any,
) -> Plot:
    """How often the words of texts occur, by rank, with Zipf's law fitted: a curve for each text, or one for all together.

    settings, reading: as `count_ngrams` takes them. DataError for a text without a word.
    """
    settings = settings or TextSettings()
    curves = []
    for name, group in named_groups(texts, together=together):
        counts = count_ngrams(group, 1, settings=settings, **reading)
        found = rank_frequency(counts.counts[0][UNK:])
        refuse_no_word(found.types, name)
        about = {"text": name, "tokens": found.tokens, "types": found.types}
        columns = {"rank": found.ranks, "count": found.counts, "fitted": fitted(found.law, found.ranks)}
        made_by = signature(counts.details() | settings.for_signature())
        curves.append(Curve(legend(name, found.law), about | exponent(found.law) | {"signature": made_by}, columns))
    return Plot(
        kind="zipf",
        title=title or f"{settings.unit.capitalize()} counts by rank: {titled(curves)}",
        x=Axis("rank", f"rank of the {settings.unit}", logarithmic=True),
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
    encoding_errors: EncodingErrors = "strict",
    workers: int | None = None,
    on_bytes: OnBytes | None = None,
) -> Plot:
    """How the vocabulary of texts grows with their length, with Heaps's law fitted: a curve for each text, or one for all.

    DataError for unreadable text and a text without a word.
    """
    settings = settings or TextSettings()
    units = UNITS[settings.unit]
    made_by = signature(settings.for_signature())
    curves = []
    for name, group in named_groups(texts, together=together):
        blocks = read_sentences(group, settings, encoding_errors=encoding_errors, on_bytes=on_bytes)
        encoded = encode_blocks(blocks, settings, WordNumbering(), workers)
        found = vocabulary_growth(block.tokens for block in encoded)
        if not len(found.tokens):
            raise no_sentence(group)
        about = {"text": name, **exponent(found.law), "signature": made_by}
        columns = {"tokens": found.tokens, "types": found.types, "fitted": fitted(found.law, found.tokens)}
        curves.append(Curve(legend(name, found.law), about, columns))
    return Plot(
        kind="heaps",
        title=title or f"Growth of the vocabulary: {titled(curves)}",
        x=Axis("tokens", f"length of the text in {units}", logarithmic=True),
        y=Axis("types", f"distinct {units}", logarithmic=True),
        curves=tuple(curves),
        fitted=Axis("fitted", "Heaps’s law, fitted"),
    )


def named_groups(texts: Texts, *, together: bool) -> list[tuple[str, list[TextFile]]]:
    """The texts of each curve, and its name: the name of the file, with its folder where several have the same."""
    listed = sources(texts)
    full = [source_name(text) for text in listed]
    short = [PurePath(name).name or name for name in full]
    if together and len(listed) > 1:
        return [(" + ".join(short) if len(short) < 4 else f"{len(short)} texts", listed)]
    often = Counter(short)
    return [
        (full_name if often[name] > 1 else name, [text])
        for full_name, name, text in zip(full, short, listed, strict=True)
    ]


def titled(curves: list[Curve]) -> str:
    """What a title says of the texts."""
    return str(curves[0].about["text"]) if len(curves) == 1 else f"{len(curves)} texts"


def legend(name: str, law: PowerLaw | None) -> str:
    """The name of a curve, with the exponent of its law."""
    if law is None:
        return name
    return f"{name}, exponent " + f"{law.exponent:.3f}".replace("-", "−")


def exponent(law: PowerLaw | None) -> dict[str, float | None]:
    """The exponent of a law, for the data."""
    return {"exponent": None if law is None else law.exponent}


def fitted(law: PowerLaw | None, x: Any) -> Any:
    """(points,) the law at each point; NaN where there is none."""
    return x * float("nan") if law is None else law.at(x)


def refuse_no_word(types: int, name: str) -> None:
    """DataError for a text of nothing but blank lines that count as sentences."""
    if not types:
        raise DataError(f"{name}: there is no word in the text.", "All its lines are blank.")
