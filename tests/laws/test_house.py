"""The house: no room grows so large that one no longer finds one's way in it."""

import ast
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT

MODULES = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in sorted((ROOT / "lmkit").rglob("*.py"))}
LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 60
LARGEST_PACKAGE = 0.25  # of all lines
MOST_MODULES = 20  # in a folder


def lines_of(module: Path) -> int:
    """The number of lines of a module."""
    return len(MODULES[module].splitlines())


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    assert {str(module): lines_of(module) for module in MODULES if lines_of(module) > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    found = {
        f"{module}: {node.name}": node.end_lineno - node.lineno + 1
        for module, text in MODULES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
    }
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION} == {}


def test_no_package_holds_more_than_a_quarter_of_the_code() -> None:
    lines: Counter[str] = Counter()
    for module in MODULES:
        lines[module.parts[1]] += lines_of(module)
    assert {name: share for name, n in lines.items() if (share := n / lines.total()) > LARGEST_PACKAGE} == {}


def test_no_folder_is_flat() -> None:
    folders = Counter(module.parent for module in MODULES)
    assert {str(folder): number for folder, number in folders.items() if number > MOST_MODULES} == {}


def test_messages_have_one_line() -> None:
    """A line break in one would be written out: what to do stands in the remedy."""
    raised = (
        (module, node.lineno, node.args[0])
        for module, text in MODULES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and node.args and last_name(node.func).endswith(("Error", "Warning"))
    )
    found = [f"{module}:{line}" for module, line, message in raised if any(map(has_line_break, ast.walk(message)))]
    assert found == []


def last_name(function: ast.expr) -> str:
    """What is called, without what it is part of."""
    return str(getattr(function, "attr", getattr(function, "id", "")))


def has_line_break(node: ast.AST) -> bool:
    """Whether a part of a message has one."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value
