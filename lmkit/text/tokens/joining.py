"""Tokens back to text."""

from collections.abc import Sequence

from lmkit.text.settings import TextSettings
from lmkit.text.tokens.subwords.tokenizer import subwords_of
from lmkit.text.tokens.units import join_units


def join_tokens(names: Sequence[str], settings: TextSettings) -> str:
    """The text of tokens given by name, as the settings have made them of it."""
    return subwords_of(settings).decode(names) if settings.tokenizer_json else join_units(names, settings.unit)
