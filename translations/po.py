"""Catalogues as people edit them (.po): the text, where it stands, and its translation."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

TEXT = re.compile(r'^(msgid|msgstr) (".*")$')
MORE = re.compile(r'^(".*")$')
OLD = "#~ "


@dataclass
class Entry:
    """A text, and its translation."""

    text: str
    translation: str = ""
    places: list[str] = field(default_factory=list)
    is_used: bool = True  # the text stands somewhere


def read(po: str) -> Iterator[Entry]:
    """The entries of a catalogue, the head first, whose text is empty; those that are out of use, too."""
    for block in po.split("\n\n"):
        found, last = {"msgid": "", "msgstr": ""}, ""
        lines = [line.removeprefix(OLD) for line in block.splitlines()]
        for line in lines:
            if parts := TEXT.match(line):
                last = parts[1]
                found[last] += json.loads(parts[2])
            elif (parts := MORE.match(line)) and last:
                found[last] += json.loads(parts[1])
        if last:
            places = [line.removeprefix("#: ") for line in lines if line.startswith("#: ")]
            yield Entry(found["msgid"], found["msgstr"], places, is_used=not block.startswith(OLD))


def written(entries: Iterable[Entry], unused: Mapping[str, str]) -> str:
    """A catalogue as text. unused: translations of texts that stand nowhere any more, kept for those who reword."""
    blocks = []
    for entry in entries:
        lines = [f"#: {place}" for place in entry.places]
        blocks.append("\n".join([*lines, *in_quotes("msgid", entry.text), *in_quotes("msgstr", entry.translation)]))
    for text, translation in unused.items():
        lines = [*in_quotes("msgid", text), *in_quotes("msgstr", translation)]
        blocks.append("\n".join(OLD + line for line in lines))
    return "\n\n".join(blocks) + "\n"


def in_quotes(name: str, text: str) -> list[str]:
    """A text as a catalogue has it; of several lines, each on its own."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return [f"{name} {json.dumps(text, ensure_ascii=False)}"]
    return [f'{name} ""', *(json.dumps(line, ensure_ascii=False) for line in lines)]
