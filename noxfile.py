"""What people and machines run on lmkit: each command stands here, and nowhere else.

.ci/run, the hooks of .pre-commit-config.yaml and the workflow on GitHub call these sessions; `nox --list` names them. All but
`demo`, `sail`, `sdist` and `spark` run in the environment that nox itself runs in, which `pip install --editable '.[dev]'` makes: nothing is installed
twice, and versions are said once, in pyproject.toml.
"""

import re
import shutil
import sys
import tarfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
QUICK = (
    "tests/arpa",
    "tests/cli/test_commands.py",
    "tests/cli/test_formats.py",
    "tests/laws/test_house.py",
    "tests/ngrams",
    "tests/smoothing",
    "tests/text",
)
nox.options.sessions = ["lint", "types", "imports"]  # what takes seconds


def run_python(session: nox.Session, *arguments: str) -> None:
    """Run the Python that runs nox."""
    session.run(sys.executable, *arguments, external=True)


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """The tests: all, or those named after --, as in `nox -s tests -- tests/text`."""
    run_python(session, "-m", "pytest", *(session.posargs or ["--numprocesses", "auto"]))


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """The linter, and whether the formatter would change anything."""
    run_python(session, "-m", "ruff", "check", ".")
    run_python(session, "-m", "ruff", "format", "--check", ".")


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """The site of the documentation, in build/site: it must be whole, and no page may fetch anything from elsewhere."""
    run_python(session, "-m", "manual", *session.posargs)


@nox.session(venv_backend="none", name="format")
def put_in_form(session: nox.Session) -> None:
    """Mend what the linter can mend, and format."""
    run_python(session, "-m", "ruff", "check", "--fix", ".")
    run_python(session, "-m", "ruff", "format", ".")


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """The type checker, in strict mode."""
    run_python(session, "-m", "mypy")


@nox.session(venv_backend="none")
def imports(session: nox.Session) -> None:
    """Whether imports only point down the layers."""
    run_python(session, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


@nox.session(venv_backend="none")
def translations(session: nox.Session) -> None:
    """Catalogues of translations, brought up to what the source says, and compiled; lists what lacks one."""
    run_python(session, "-m", "translations")


@nox.session(venv_backend="virtualenv")
def demo(session: nox.Session) -> None:
    """The demonstration and the course in both languages, from a wheel in an environment of its own, outside the repository."""
    folder = Path(session.create_tmp()).resolve()
    for old in folder.glob("*.whl"):
        old.unlink()
    run_python(session, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), ".")
    session.install(*map(str, folder.glob("*.whl")))
    if not (Path(session.virtualenv.location) / "share" / "man" / "man1" / "lmkit-ngram-train.1").is_file():
        session.error("the wheel has no pages for man")
    with session.chdir(folder):
        for language in ("fr", "en"):
            shown = str(session.run("lmkit", "demo", "--lang", language, silent=True))
            commands = sum(line.startswith("$ lmkit") for line in shown.splitlines())
            if not commands:
                session.error(f"lmkit demo --lang {language} shows no command")
            session.log(f"{language}: {commands} commands shown")
            session.run("lmkit", "course", "softmax", "--lang", language, silent=True)
            session.run("lmkit", "course", "--notebooks", str(folder / "notebooks"), "--lang", language, silent=True)


@nox.session(venv_backend="virtualenv")
def sdist(session: nox.Session) -> None:
    """The quick part of the tests, or those named after --, from the sdist, in an environment with what its wheel asks for."""
    folder = Path(session.create_tmp()).resolve()
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    session.install("hatchling>=1.25")
    session.run("python", "-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder))
    (packed,) = folder.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / packed.name.removesuffix(".tar.gz")
    session.install(f"{unpacked}[test]")
    with session.chdir(unpacked):
        session.run("python", "-m", "pytest", "--numprocesses", "auto", *(session.posargs or QUICK))


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def sail(session: nox.Session) -> None:
    """The tests of work on Sail, which does not get along with Spark, in an environment of its own."""
    test_engine(session, ".[sail]")


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def spark(session: nox.Session) -> None:
    """The tests of work on Spark, which needs Java and half a gigabyte, and some minutes."""
    test_engine(session, ".[spark]", "pyspark>=4.0")


def test_engine(session: nox.Session, *packages: str) -> None:
    """Run the tests of work that is shared out by the engine that is installed, or those named after --."""
    session.install("pytest>=8", "hypothesis>=6.100", "--editable", *packages)
    session.run("python", "-m", "pytest", "-m", "engines", "-rs", *(session.posargs or ["tests/laws", "tests/engine"]))


@nox.session(venv_backend="none")
def version(session: nox.Session) -> None:
    """Have all pages show the version that stands in lmkit/version.py, as signatures have it."""
    said = re.search('__version__ = "(.+)"', Path("lmkit/version.py").read_text(encoding="utf-8"))
    if said is None:
        session.error("lmkit/version.py says no version")
    for page in (*Path().glob("*.md"), Path("CITATION.cff"), *Path("docs").rglob("*.md"), *Path("docs").rglob("*.svg")):
        text = page.read_text(encoding="utf-8")
        shown = re.sub(
            r"""(\blmkit:|"lmkit_version": "|^version: )\d+\.\d+\.\d+[\w.]*\w""",
            rf"\g<1>{said[1]}",
            text,
            flags=re.MULTILINE,
        )
        if shown != text:
            page.write_text(shown, encoding="utf-8", newline="\n")
            session.log(str(page))


@nox.session(venv_backend="none")
def bench(session: nox.Session) -> None:
    """The benchmarks, quickly, or as what stands after -- says, as in `nox -s bench -- --jobs train`."""
    run_python(session, "-m", "benchmarks", *(session.posargs or ["--quick"]))
