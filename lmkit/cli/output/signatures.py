"""Signatures as people read them."""

USUAL = {
    "vocabulary": "open",
    "discounts": "estimated",
    "cutoff": 1,
    "precision": "single",
}  # where nothing else is asked for


def short(signature: str) -> str:
    """What differs from the defaults, in a signature."""
    from lmkit.signature import signature_value
    from lmkit.text.settings import TextSettings

    usual = TextSettings().for_signature() | USUAL
    dropped = {f"{key.replace('_', '-')}:{signature_value(value)}" for key, value in usual.items()}
    return "|".join(part for part in signature.split("|") if part not in dropped)
