"""What is said wherever bits a byte or character are printed of a text with unknown words whose letters cost nothing."""

from lmkit.cli.output import rendering


def tell_unspelled(
    quiet: bool, counts: dict[str, int], remedy: str = "--spell-unknown charges their letters, too"
) -> None:
    """Say it on stderr if there are such words. counts: how many, by model or text; one without a name. remedy: what to do about it."""
    found = {name: count for name, count in counts.items() if count}
    if not found:
        return
    total = sum(found.values())
    listed = ", ".join(f"{name}: {count}" for name, count in counts.items() if name)
    words = "1 unknown word costs" if total == 1 else f"{total:,} unknown words cost"
    rendering.narrate(
        quiet,
        f"{words} p(<unk>) only{listed and f' ({listed})'}, whatever the letters: "
        f"figures a word, byte or character flatter the model; {remedy}.",
    )
