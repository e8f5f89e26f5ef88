"""What the ways of showing surprisal have in common: how much colour a token has, and how it is written."""

import math
import re
from dataclasses import dataclass

from lmkit.one_line import one_line
from lmkit.plots.words import printed
from lmkit.scoring.perplexity import effective_settings
from lmkit.scoring.protocol import Model
from lmkit.text.settings import TextSettings, Unit, has_marks
from lmkit.text.vocabulary import events_mask

PRINTED_BYTE = re.compile(r"<0x([2-7][0-9A-F])>")
INFINITE = "∞"


@one_line
@dataclass(frozen=True)
class View:
    """How surprisal is shown, and what it belongs to."""

    title: str
    unit: Unit
    scale: float  # bits of full colour
    signature: str
    scale_is_uniform: bool = True  # whether these are the bits of guessing among all events of the model
    events: int = 0  # of the model

    def shade(self, bits: float) -> float:
        """How much colour a token has, from 0 to 1."""
        return min(max(bits / self.scale, 0.0), 1.0)

    def label(self, token: str) -> str:
        """A token as it is shown: bytes that are letters as such, what cannot be printed as U+FFFD."""
        match = PRINTED_BYTE.fullmatch(token) if self.unit == "byte" else None
        if match is not None and match[1] != "7F":
            return "␣" if match[1] == "20" else chr(int(match[1], 16))
        return printed(token)

    @property
    def full_color(self) -> str:
        """What full colour means, in words."""
        bits = f"{self.scale:.3g} bits"
        return f"{bits}, as for a guess among all {self.events:,} events" if self.scale_is_uniform else bits


def surprisal_view(model: Model, title: str, settings: TextSettings | None = None, scale: float | None = None) -> View:
    """The view of what a model scores.

    settings: how the text was read (default: as the training text was). scale: bits of full colour (default: log2 of the
    number of the model's events, which is what each would cost if all were equally probable).
    """
    settings = effective_settings(model, settings)
    marks = has_marks(model.settings)
    events = int(events_mask(len(model.vocabulary), closed=model.closed, marks=marks).sum())
    bits = scale or math.log2(max(events, 2))
    return View(title, settings.unit, bits, model.signature(settings), scale is None, events)


def written_bits(bits: float) -> str:
    """Bits with one decimal, or ∞."""
    return INFINITE if math.isinf(bits) else f"{bits + 0.0:.1f}"


def in_total(bits: float, tokens: int) -> str:
    """The sum over a sentence, in words."""
    if math.isinf(bits):
        return f"{INFINITE} bits"
    return f"{bits:.1f} bits, {bits / tokens:.2f} a token"
