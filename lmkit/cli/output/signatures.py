"""Signatures as people read them."""

from collections.abc import Mapping
from typing import Any

USUAL = {
    "vocabulary": "open",
    "discounts": "estimated",
    "cutoff": 1,
    "precision": "single",
}  # where nothing else is asked for


def with_short_signatures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures, with what differs from the defaults in the place of signatures."""
    return {
        name: short(value) if name.rpartition(".")[2] == "signature" and value else value
        for name, value in figures.items()
    }


def short(signature: str) -> str:
    """What differs from the defaults, in a signature, which says by which lmkit it is; other texts, such as names, as they are."""
    parts = signature.split("|")
    if not parts[-1].startswith("lmkit:"):
        return signature
    from lmkit.signature import signature_value
    from lmkit.text.settings import TextSettings

    usual = TextSettings().for_signature() | USUAL
    dropped = {f"{key.replace('_', '-')}:{signature_value(value)}" for key, value in usual.items()}
    return "|".join(part for part in parts if part not in dropped)
