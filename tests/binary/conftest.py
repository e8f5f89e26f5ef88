"""KenLM's binary files as files."""

from pathlib import Path

import pytest

from tests.binary.models import ENDLESS, SCORED, binary


@pytest.fixture(scope="session")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files, unpacked."""
    folder = tmp_path_factory.mktemp("kenlm")
    for name in (*SCORED, *ENDLESS):
        (folder / f"{name}.bin").write_bytes(binary(name))
    return folder
