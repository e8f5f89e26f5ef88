"""What all pages have: one file without scripts that asks nothing of the network, light or dark as its reader has it."""

from collections.abc import Iterator
from html import escape

from lmkit.locales import spoken
from lmkit.version import __version__

UNKNOWN = ' lang=""'  # an attribute of what holds a text, whose language nobody has told
LIGHT = {"ground": "#ffffff", "letters": "#1a1a1a", "soft": "#5c5c5c", "color": "213 94 0"}
DARK = {"ground": "#16181c", "letters": "#ffffff", "soft": "#a8a8a8", "color": "213 94 0"}
RULES = """
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--ground); color: var(--letters);
  font: 1.1rem/1.3 "Noto Sans", "DejaVu Sans", system-ui, sans-serif; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
h1 { font-size: 1.2rem; }
.key, footer { font-size: .8rem; margin: .2rem 0; color: var(--soft); }
footer { margin-top: 2rem; overflow-wrap: anywhere; }
"""


def page_head(title: str, rules: str) -> Iterator[str]:
    """The page up to its heading. rules: of style, beside those of all pages."""
    shown = escape(title)
    yield f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta name="generator" content="lmkit {__version__}">\n<title>{shown}</title>\n<style>\n'
    yield f":root {{ color-scheme: light dark; {declarations(LIGHT)} }}\n"
    yield f"@media (prefers-color-scheme: dark) {{ :root {{ {declarations(DARK)} }} }}"
    yield RULES + rules
    yield f"</style>\n</head>\n<body>\n<h1>{shown}</h1>\n"


def page_foot(signature: str) -> str:
    """The end of the page: the signature, which may break at its bars."""
    return f"<footer>{escape(signature).replace('|', '|<wbr>')}</footer>\n</body>\n</html>\n"


def declarations(values: dict[str, str]) -> str:
    """The colours as CSS variables."""
    return " ".join(f"--{name}: {value};" for name, value in values.items())
