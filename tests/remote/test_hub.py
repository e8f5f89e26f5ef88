"""Files on the Hub of Hugging Face: a server of our own that answers as it does."""

import json
from collections.abc import Iterator

import pytest

import lmkit
from lmkit.text.sources.names import sources
from tests.conftest import TOY
from tests.remote.servers import Site, served
from tests.texts import error_of, lines_of

CONVERTED = "refs%2Fconvert%2Fparquet"
ADVICE = (
    "If it is private, or has conditions, accept these on its page, and put a token in the variable HF_TOKEN "
    "(or log in: hf auth login)."
)


def listing(*entries: tuple[str, str]) -> bytes:
    """What the Hub says of a folder."""
    return json.dumps([{"type": kind, "path": path, "size": 1} for kind, path in entries]).encode()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A Hub with a data set."""
    files = {
        "/datasets/ann/texts/resolve/main/toy.tok": TOY.read_bytes(),
        "/datasets/ann/texts/resolve/main/data/a.txt": b"a\n",
        "/datasets/ann/texts/resolve/main/data/b c.txt": b"b c\n",
        "/datasets/ann/texts/resolve/v1.0/data/a.txt": b"a of v1.0\n",
        "/datasets/ann/texts/resolve/refs/convert/parquet/x.txt": b"converted\n",
        "/ann/model/resolve/main/kn.arpa": b"a model\n",
        "/api/datasets/ann/texts/tree/main": listing(
            ("file", ".gitattributes"), ("directory", "data"), ("file", "toy.tok")
        ),
        "/api/datasets/ann/texts/tree/main/data": listing(("file", "data/a.txt"), ("file", "data/b c.txt")),
        "/api/datasets/ann/texts/tree/v1.0/data": listing(("file", "data/a.txt")),
    }
    with served(Site(files)) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        monkeypatch.setenv("HF_TOKEN", "hf_geheim")
        yield site


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("datasets/ann/texts/data/a.txt", ["a"]),
        ("datasets/ann/texts/data/", ["a", "b c"]),
        ("datasets/ann/texts/data", ["a", "b c"]),
        ("datasets/ann/texts/data/?.txt", ["a"]),
        ("datasets/ann/texts/*/*.txt", ["a", "b c"]),
        ("datasets/ann/texts@v1.0/data/a.txt", ["a of v1.0"]),
        ("datasets/ann/texts@v1.0/data/", ["a of v1.0"]),
        ("datasets/ann/texts@refs/convert/parquet/x.txt", ["converted"]),
        ("ann/model/kn.arpa", ["a model"]),
    ],
)
@pytest.mark.usefixtures("hub")
def test_names_of_the_hub_stand_for_its_files_folders_and_revisions(name: str, expected: list[str]) -> None:
    assert [line for _, line in lines_of(f"hf://{name}")] == expected


def test_a_token_is_sent_to_the_hub_and_never_shown(hub: Site) -> None:
    assert lmkit.count_ngrams("hf://datasets/ann/texts/toy.tok", 1).tokens == 17
    assert hub.requests[-1][1]["Authorization"] == "Bearer hf_geheim"
    hub.status = 401
    name = "hf://datasets/ann/texts/toy.tok"
    assert error_of(name) == f"cannot read {name}: the server does not let you (401 Unauthorized).\n{ADVICE}"


def test_a_long_folder_is_listed_page_by_page(hub: Site) -> None:
    start = "/api/datasets/ann/texts/tree/main/long"
    hub.files[start] = listing(("file", "long/1.txt"))
    first = hub.headers
    hub.headers = {"Link": f'<{hub.url}/second?cursor=x>; rel="next"'}

    def pages() -> Iterator[str]:
        yield ""
        hub.headers = first
        yield ""

    hub.faults = pages()
    hub.files["/second"] = listing(("file", "long/2.txt"))
    assert [text.source for text in sources("hf://datasets/ann/texts/long/")] == [
        "hf://datasets/ann/texts/long/1.txt",
        "hf://datasets/ann/texts/long/2.txt",
    ]


@pytest.mark.usefixtures("hub")
def test_what_the_hub_has_not_is_told_with_a_remedy() -> None:
    name = "hf://datasets/ann/texts/nope.txt"
    assert error_of(name) == (
        f"cannot read {name}: the server has no such file (404 Not Found).\nCheck the name. {ADVICE}"
    )
    for name in ("hf://datasets/texts", "hf://texts"):
        assert error_of(name) == (
            f"cannot read {name}: names of the Hub have an owner and a repository.\n"
            "Write hf://datasets/ORG/NAME/FILE; a revision is ORG/NAME@REVISION."
        )
    assert error_of("hf://datasets/ann/texts/data/*.gz") == (
        "no file matches hf://datasets/ann/texts/data/*.gz.\n"
        "** stands for folders at any depth; names that begin with a dot are left out."
    )
