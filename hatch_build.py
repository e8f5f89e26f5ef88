"""Pages for `man` are made when a wheel is: they say what the program says, and nothing else is installed for it."""

import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):  # type: ignore[misc]
    """Pages for `man`, where it looks for them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (so hatchling calls it)
        """Write the pages, and say where in an environment they belong."""
        sys.path.insert(0, self.root)
        from manual.man_pages import write_man_pages  # noqa: PLC0415 (it is found by now)

        self.folder = Path(mkdtemp(prefix="lmkit-man-"))
        for page in write_man_pages(self.folder):
            build_data["shared_data"][str(page)] = f"share/man/man1/{page.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what is in the wheel by now."""
        rmtree(self.folder)
