"""What lmkit says to people, found in its source: strings as templates, whose gaps have the names of what fills them.

All that reads like prose is taken, wherever it stands: messages are put together from parts in many places, and a part that nobody
translates would stand in English amid French. What is not said to people is left out by the module (`SILENT`), by its place (docstrings, asserts,
errors of programmers), or by the catalogue, which translates it by itself.
"""

import ast
import re
from collections.abc import Iterator
from inspect import cleandoc
from itertools import islice, product
from pathlib import Path

from lmkit.engine.wording import plural
from lmkit.locales import REMARK
from lmkit.locales.catalogues import unprefixed
from lmkit.locales.templates import GAP, NUMBER
from translations.elsewhere import SAID_ELSEWHERE

ELSEWHERE = "translations/elsewhere.py"
ROOT = Path(__file__).parents[1]
SILENT = (  # what speaks both languages already, or to nobody
    "lmkit/cli/demo_texts.py",
    "lmkit/cli/demo_steps.py",
    "lmkit/cli/completion/scripts.py",
    "lmkit/engine/frames/html.py",
    "lmkit/course/notebooks.py",
    "lmkit/locales/",
    "lmkit/text/abbreviations.py",
)
OF_PROGRAMMERS = {
    "AssertionError", "AttributeError", "KeyError", "LookupError", "NotImplementedError", "RuntimeError", "StopIteration", "TypeError",
}  # fmt: skip
SILENT_CALLS = {"re.compile", "cast", "ContextVar", "TypeVar"}
SPEAKING_CALLS = {  # whose arguments are said, be they a word
    "said", "to_say", "labelled", "label_said", "told", "stage", "progress.stage", "progress", "UsageError", "DataError", "narrate",
    "rendering.narrate", "warnings.warn", "tell_once", "rendering.tell_once", "say", "rendering.say",
}  # fmt: skip
SAID_BY_NAME = {"help", "short", "about", "panel", "topic"}  # keywords whose values are said, be they a word
MOST_FORMS = 16  # of one string with alternatives in it
WITH_FORMAT = re.compile(r"\{(\w+)(?:[:!][^{}]*)\}")  # gaps of strings that are filled by `format`
WORD = re.compile(r"(?<![\w-])(?:a|[A-Za-z]{2,})(?![\w(])")

NO_PROSE = (
    "[^",
    "(?",
    "\\b",
    "|[",
    " { ",
    "<li",
    "<path",
    "<svg",
    "<p ",
    "<g>",
    "<span ",
    "<meta",
    "<!DOCTYPE",
    "import sys;",
)  # what patterns and code of other languages have

Parts = tuple[str | ast.expr, ...]  # text, and what fills the gaps


def templates() -> dict[str, list[str]]:
    """All templates, and the modules where each stands. Of those that differ in the names of their gaps only, the first one."""
    found: dict[str, tuple[str, list[str]]] = {shape(text): (text, [ELSEWHERE]) for text in SAID_ELSEWHERE}
    for path in sorted((ROOT / "lmkit").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(SILENT):
            for text in templates_of(ast.parse(path.read_text(encoding="utf-8"))):
                places = found.setdefault(shape(text), (text, []))[1]
                if name not in places:
                    places.append(name)
    return dict(found.values())


def shape(template: str) -> str:
    """A template without the names of its gaps: two with one shape match the same texts."""
    return GAP.sub("{}", template)


def templates_of(tree: ast.Module) -> Iterator[str]:
    """The templates of a module, in their order."""
    yield from help_of_commands(tree)
    yield from of_node(tree, spoken=False)


def help_of_commands(tree: ast.Module) -> Iterator[str]:
    """The paragraphs of the help of commands: of docstrings with examples, which those of no other functions have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "\b" in (told := ast.get_docstring(node) or ""):
            yield from paragraphs(told)


def paragraphs(told: str) -> Iterator[str]:
    """The paragraphs of help, each on one line; of examples, the remarks behind them."""
    for paragraph in cleandoc(told).split("\n\n"):
        lines = paragraph.split("\n")
        if lines[0] == "\b":
            yield from (found[2].strip() for line in lines[1:] if (found := REMARK.search(line)))
        else:
            yield " ".join(paragraph.split())


def of_node(node: ast.AST, *, spoken: bool) -> Iterator[str]:
    """The templates below a node. spoken: single words, too."""
    if isinstance(node, ast.Assert) or is_of_programmers(node) or is_docstring(node):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):  # no annotations
        below: list[ast.AST] = [
            *node.decorator_list,
            *node.args.defaults,
            *filter(None, node.args.kw_defaults),
            *node.body,
        ]
        arguments = [*node.args.args, *node.args.kwonlyargs]
        below += [each.annotation for each in arguments if isinstance(each.annotation, ast.Subscript)]  # of Annotated
        for each in below:
            yield from of_node(each, spoken=False)
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Axis":
        yield from of_node(node.args[1], spoken=True)
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("numbered"):
        yield from of_number(node)
        return
    if isinstance(node, ast.AnnAssign):
        below = [node.annotation] if isinstance(node.annotation, ast.Subscript) else []  # of Annotated
        for each in [*below, *filter(None, [node.value])]:
            yield from of_node(each, spoken=False)
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) in SILENT_CALLS:
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKING_CALLS:
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from of_node(each, spoken=True)
        return
    if isinstance(node, ast.keyword):
        yield from of_node(node.value, spoken=node.arg in SAID_BY_NAME)
        return
    if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and (
        forms := list(islice(forms_of(node), MOST_FORMS))
    ):
        for parts in forms:
            text = template_of(parts)
            if is_prose(text) or (spoken and re.search("[a-z]{2,}", GAP.sub("", unprefixed(text)))):
                yield text
        for each in expressions_in(node):
            yield from of_node(each, spoken=False)
        return
    for each in ast.iter_child_nodes(node):
        yield from of_node(each, spoken=spoken and isinstance(node, ast.IfExp))


def is_docstring(node: ast.AST) -> bool:
    """Whether a statement is a string that stands by itself."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_of_programmers(node: ast.AST) -> bool:
    """Whether a statement raises an error of Python, which no user is to see."""
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
        return False
    return ast.unparse(node.exc.func) in OF_PROGRAMMERS


def of_number(call: ast.Call) -> Iterator[str]:
    """The templates of a call of `numbered`: one, and several."""
    match call.args:
        case [_, ast.Constant(str(noun))]:
            yield f"1 {noun}"
            yield f"{{{NUMBER}}} {plural(noun)}"
        case [_, ast.Constant(str(noun)), ast.Constant(str(nouns))]:
            yield f"1 {noun}"
            yield f"{{{NUMBER}}} {nouns}"
        case _:
            for each in call.args:
                yield from of_node(each, spoken=True)


def forms_of(node: ast.expr) -> Iterator[Parts]:
    """The forms that a string may take: alternatives in it are followed."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield (node.value,)
    elif isinstance(node, ast.JoinedStr):
        values = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
        for forms in product(*map(filling, values)):
            yield tuple(part for form in forms for part in form)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = node.left, node.right
        if any(next(forms_of(side), None) for side in sides):
            for forms in product(*map(filling, sides)):
                yield tuple(part for form in forms for part in form)


def filling(node: ast.expr) -> list[Parts]:
    """What may stand in a gap: texts, if they are written there, or the gap."""
    if isinstance(node, ast.IfExp):
        return filling(node.body) + filling(node.orelse)
    return list(forms_of(node)) or [(node,)]


def expressions_in(node: ast.expr) -> Iterator[ast.expr]:
    """What fills the gaps of a string."""
    for parts in islice(forms_of(node), MOST_FORMS):
        yield from (part for part in parts if not isinstance(part, str))


def template_of(parts: Parts) -> str:
    """Text with named gaps."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += WITH_FORMAT.sub(r"{\1}", part)
            continue
        name, number = name_of(part), 2
        while f"{{{name}}}" in text:
            name, number = f"{name_of(part)}{number}", number + 1
        text += f"{{{name}}}"
    return text


def name_of(node: ast.expr) -> str:
    """What a gap is called, after what fills it."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(args=[first, *_]) if not isinstance(node.func, ast.Attribute) or node.func.attr == "join":
            return name_of(first)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name
        case ast.Subscript(value=value) | ast.BinOp(left=value) | ast.UnaryOp(operand=value) | ast.Starred(value=value):
            return name_of(value)
        case ast.GeneratorExp(elt=value) | ast.ListComp(elt=value):
            return name_of(value)
    return "value"


def is_prose(text: str) -> bool:
    """Whether a string has two words, at least, one of which is not a name."""
    bare = GAP.sub(" x ", text)
    if any(sign in text for sign in NO_PROSE):
        return False
    return (
        " " in text.strip()
        and len(WORD.findall(bare)) >= 2
        and re.search(r"(?<![\w.-])[a-z]{2,}(?![\w(=])", bare) is not None
    )
