"""What is said wherever bits a byte or character are printed of a text with unknown words whose letters cost nothing."""

from lmkit.cli.output import rendering


def tell_unspelled(quiet: bool, counts: dict[str, int], remedy: str = "--spell-unknown charges these, too") -> None:
    """Say it on stderr if there are such words. counts: how many, by model and text; one without a name. remedy: what to do about it."""
    total = sum(counts.values())
    if not total:
        return
    listed = ", ".join(f"{name}: {count}" for name, count in counts.items() if name)
    words = (
        f"OOV words ({listed}) cost" if listed else "1 OOV word costs" if total == 1 else f"{total:,} OOV words cost"
    )
    letters = (  # whole, so that they can be translated
        "and nothing for its letters" if words.startswith("1 OOV word ") else "and nothing for their letters"
    )
    rendering.narrate(
        quiet, f"{words} p(<unk>), {letters}: figures per word, byte or character flatter the model; {remedy}."
    )
