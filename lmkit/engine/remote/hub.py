"""Files on the Hub of Hugging Face: hf://datasets/ORG/NAME/path, at a revision as hf://datasets/ORG/NAME@REV/path, by its addresses on the web."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lmkit.engine.remote.web import WebFile
from lmkit.errors import DataError

NAME = re.compile(
    r"(?i:hf)://(?:(datasets|spaces)/)?([\w.-]+/[\w.-]+)(?:@(refs/convert/[\w.-]+|refs/pr/\d+|[^/]+))?(?:/(.*))?\Z",
    re.DOTALL,
)
KINDS = {"datasets": "datasets", "spaces": "spaces", "": "models"}  # as the name has them, and the interface
NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
REMEDY = (
    "If it is private, or has conditions, accept these on its page, and put a token in the variable HF_TOKEN "
    "(or log in: hf auth login)."
)


@dataclass(frozen=True)
class HubName:
    """What a name of the Hub says."""

    kind: str  # a key of KINDS
    repository: str  # ORG/NAME
    revision: str
    path: str  # empty for all of it
    start: str  # of the name: all before the path

    @property
    def page(self) -> str:
        """The path of the repository on the web."""
        return f"{self.kind}/{self.repository}" if self.kind else self.repository

    def address(self) -> str:
        """The URL of the file."""
        return f"{endpoint()}/{self.page}/resolve/{quote(self.revision, safe='')}/{quote(self.path)}"

    def listing(self, *, deep: bool) -> str:
        """The URL of what is in this folder, at any depth if deep."""
        path = f"/{quote(self.path)}" if self.path else ""
        revision = quote(self.revision, safe="")
        kind = KINDS[self.kind]
        return f"{endpoint()}/api/{kind}/{self.repository}/tree/{revision}{path}?recursive={str(deep).lower()}&expand=false"


def parsed(name: str) -> HubName:
    """What a name of the Hub says; DataError for one that says too little."""
    found = NAME.match(name)
    if found is None or found[2].split("/")[0] in KINDS:
        raise DataError(
            f"cannot read {name}: names of the Hub have an owner and a repository.",
            "Write hf://datasets/ORG/NAME/FILE; a revision is ORG/NAME@REVISION.",
        )
    kind, repository, revision, path = (part or "" for part in found.groups())
    start = name if found[4] is None else name[: found.start(4) - 1]
    return HubName(kind, repository, revision or "main", path.strip("/"), start)


def hub_file(name: str) -> WebFile:
    """The file of this name."""
    return WebFile(parsed(name).address(), name, token(), REMEDY)


def listed_files(folder: str, *, deep: bool) -> Iterator[tuple[str, bool]]:
    """What is in a folder of the Hub, at any depth if deep: paths in its repository, and whether they are folders."""
    address = parsed(folder).listing(deep=deep)
    while address:
        page = WebFile(address, folder, token(), REMEDY)
        entries: list[dict[str, Any]] = json.loads(b"".join(page.pieces()))
        for entry in entries:
            yield entry["path"], entry["type"] == "directory"
        found = NEXT.search(page.headers.get("Link", ""))
        address = found[1] if found and found[1].startswith(f"{endpoint()}/") else ""  # the token is for nobody else


def endpoint() -> str:
    """Where the Hub is: HF_ENDPOINT names another one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def token() -> str:
    """Who asks: HF_TOKEN, or what `hf auth login` left; empty for nobody."""
    given = os.environ.get("HF_TOKEN", "").strip()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    try:
        return (
            given or Path(os.environ.get("HF_TOKEN_PATH") or Path(home) / "token").read_text(encoding="ascii").strip()
        )
    except (OSError, ValueError):
        return ""
