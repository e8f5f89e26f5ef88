"""What the package says of itself is what the workflow tries, and the version is said at one place."""

import re
import tomllib

import lmkit
from tests.conftest import ROOT

PACKAGE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
SYSTEMS = {"ubuntu": "POSIX :: Linux", "macos": "MacOS", "windows": "Microsoft :: Windows"}


def matrix(name: str) -> list[str]:
    """The values of a line of the matrix of tests."""
    found = re.search(rf"^        {name}: \[(.*)\]$", WORKFLOW, re.MULTILINE)
    assert found is not None
    return [value.strip('"') for value in found[1].split(", ")]


def test_classifiers_name_the_systems_and_versions_of_python_that_the_workflow_tries_and_no_others() -> None:
    told = PACKAGE["project"]["classifiers"]
    systems = [name.removeprefix("Operating System :: ") for name in told if name.startswith("Operating System")]
    assert sorted(systems) == sorted(SYSTEMS[name.removesuffix("-latest")] for name in matrix("os"))
    versions = re.findall(r"Programming Language :: Python :: (3\.\d+)$", "\n".join(told), re.MULTILINE)
    assert versions == matrix("python")
    assert PACKAGE["project"]["requires-python"] == f">={versions[0]}"


def test_the_workflow_runs_what_there_is() -> None:
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {name for line in re.findall(r"nox --session (.*)$", WORKFLOW, re.MULTILINE) for name in line.split()}
    assert asked
    assert asked <= sessions


def test_the_version_is_said_in_one_place() -> None:
    assert PACKAGE["project"]["dynamic"] == ["version"]
    assert PACKAGE["tool"]["hatch"]["version"]["path"] == "lmkit/version.py"
    assert f"\nversion: {lmkit.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    files = [path for folder in ("lmkit", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    saying = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if f'= "{lmkit.__version__}"' in path.read_text(encoding="utf-8")
    }
    assert saying == {"lmkit/version.py"}


def test_what_the_package_needs_is_what_it_imports() -> None:
    """A library that only tests import is theirs."""
    needed = {re.match(r"[\w-]+", each)[0] for each in PACKAGE["project"]["dependencies"]}  # type: ignore[index] # each has a name
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lmkit").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE))
    assert needed <= imported


def test_the_sdist_holds_what_the_tests_need_and_nothing_of_the_same_name_elsewhere() -> None:
    patterns = PACKAGE["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [pattern for pattern in patterns if not pattern.startswith("/")] == []
    assert [pattern for pattern in patterns if not list(ROOT.glob(pattern.removeprefix("/")))] == []


def test_what_is_not_for_everybody_is_asked_for_by_an_extra_that_there_is() -> None:
    """Messages say `pip install 'lmkit[plot]'`."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lmkit").rglob("*.py"))
    asked = set(re.findall(r"lmkit\[([a-z0-9]+)\]", text))
    assert asked
    assert asked <= PACKAGE["project"]["optional-dependencies"].keys()
