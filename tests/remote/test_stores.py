"""Files in object stores: a server of S3 of our own on this machine."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

import lmkit
from lmkit.engine.files.outputs import whole_file
from lmkit.engine.remote.stores import file_system
from lmkit.errors import DataError
from lmkit.text.sources.names import source_name, sources
from tests.conftest import ROOT, TOY, Run
from tests.remote.servers import QuietServer, Site, served
from tests.texts import error_of, lines_of, table

MOTO = os.environ.get("MOTO_SERVER") or shutil.which("moto_server", path=Path(sys.executable).parent)
CREDENTIALS = (
    "Credentials are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or the role of the machine; "
    "AWS_ENDPOINT_URL names another server than Amazon's."
)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "tester",
    "AWS_SECRET_ACCESS_KEY": "geheim",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
FILES = {
    "data/b.txt": b"b.txt\n",
    "data/a/z.txt": b"a/z.txt\n",
    "data/a/y/x.txt": b"a/y/x.txt\n",
    "data/a.txt": b"a.txt\n",
    "data/.hidden": b"hidden\n",
    "data/.git/config": b"config\n",
    "data/c d/[x]?.txt": b"c d/[x]?.txt\n",
    "toy.tok": TOY.read_bytes(),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of S3 with the bucket `corpora`; its host and port. The environment names it."""
    if MOTO is None:
        pytest.skip(reason="moto, whose server stands for S3, is not installed: pip install moto[s3] flask flask-cors")
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("w") as written, pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        server = subprocess.Popen([str(MOTO), "-H", "127.0.0.1", "-p", "0"], stdout=written, stderr=written)
        try:
            port = port_in(log)
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
            fill()
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def port_in(log: Path) -> int:
    """The port that the server says it listens at."""
    for _ in range(600):
        _, found, rest = log.read_text(encoding="utf-8").partition("http://127.0.0.1:")
        if found and "\n" in rest:
            return int(rest.split()[0].rstrip("/"))
        time.sleep(0.1)
    pytest.fail(f"moto_server does not begin: {log.read_text(encoding='utf-8')}")


@cache
def s3_at(_endpoint: str) -> Any:
    """What Arrow has for S3; it must last as long as its streams do."""
    from pyarrow import fs

    return fs.FileSystem.from_uri("s3://corpora?allow_bucket_creation=true")[0]


def s3() -> Any:
    """That of the server that the environment names."""
    return s3_at(os.environ["AWS_ENDPOINT_URL"])


def fill() -> None:
    """Make the bucket, and its files."""
    s3().create_dir("corpora")
    for name, data in FILES.items():
        put(name, data)


def put(name: str, data: bytes) -> None:
    """Write a file of the bucket."""
    with s3().open_output_stream(f"corpora/{name}") as stream:
        stream.write(data)


def stored(name: str) -> bytes:
    """A file of the bucket."""
    with s3().open_input_stream(f"corpora/{name}") as stream:
        found: bytes = stream.read()
    return found


def has(name: str) -> bool:
    """Whether there is such a file in the bucket."""
    from pyarrow import fs

    return bool(s3().get_file_info(f"corpora/{name}").type != fs.FileType.NotFound)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data/", ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c d/[x]?.txt"]),
        ("data", ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c d/[x]?.txt"]),
        ("data/**/*.txt", ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c d/[x]?.txt"]),
        ("data/*.txt", ["a.txt", "b.txt"]),
        ("data/?.txt", ["a.txt", "b.txt"]),
        ("data/*/[yz].txt", ["a/z.txt"]),
        ("data/**/y/*", ["a/y/x.txt"]),
        ("data/.h*", ["hidden"]),
        ("data/b.txt", ["b.txt"]),
    ],
)
@pytest.mark.usefixtures("store")
def test_folders_and_patterns_of_a_bucket_stand_for_files_as_those_here_do(name: str, expected: list[str]) -> None:
    assert [line for _, line in lines_of(f"s3://corpora/{name}")] == expected


@pytest.mark.usefixtures("store")
def test_a_question_mark_in_the_name_of_a_file_in_a_folder_begins_no_options(store: str) -> None:
    put("asked/page?id=5", b"five\n")
    options = f"?scheme=http&endpoint_override={store}"
    for name in ("s3://corpora/asked/", f"s3://corpora/asked/p*{options}"):
        assert [line for _, line in lines_of(name)] == ["five"]
        (found,) = sources(name)
        assert source_name(found) == "s3://corpora/asked/page?id=5"
        assert lines_of(pickle.loads(pickle.dumps(found))) == lines_of(name)  # noqa: S301 (our own)


@pytest.mark.parametrize("name", ["s3://", "s3:///x"])
def test_a_name_without_a_bucket_is_refused(name: str) -> None:
    assert error_of(name) == f"cannot find {name}: it names no bucket.\nWrite s3://BUCKET/FILE."


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst", ".lz4"])
def test_what_is_written_to_a_bucket_is_not_compressed_by_its_name(suffix: str) -> None:
    with whole_file(f"s3://corpora/written{suffix}") as stream:
        stream.write(b"le chat\n")
    assert s3().open_input_file(f"corpora/written{suffix}").read() == b"le chat\n"


@pytest.mark.usefixtures("store")
def test_files_of_a_bucket_are_read_as_files_here_are(tmp_path: Path) -> None:
    sentences = TOY.read_text(encoding="utf-8").splitlines()
    put("t.parquet", table(tmp_path / "t.parquet", {"text": sentences}).read_bytes())
    put("empty", b"")
    expected = lmkit.count_ngrams(TOY, 2)
    for texts in ("s3://corpora/toy.tok", "s3://corpora/t.parquet", ["s3://corpora/empty", "s3://corpora/toy.tok"]):
        assert lmkit.count_ngrams(texts, 2).counts[1].tolist() == expected.counts[1].tolist()


def in_bucket(folder: str) -> list[str]:
    """The names of the files in a folder of the bucket."""
    from pyarrow import fs

    return sorted(info.base_name for info in s3().get_file_info(fs.FileSelector(f"corpora/{folder}")))


def test_shards_are_written_to_a_bucket_and_opened_there(store: str, tmp_path: Path, lmkit_run: Run) -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    lmkit.save(counts, tmp_path / "c.lmkit", shards=3)
    lmkit.save(lmkit.count_ngrams(TOY, 2), "s3://corpora/c.lmkit")
    lmkit.save(counts, f"s3://corpora/c.lmkit/?scheme=http&endpoint_override={store}", shards=3)
    assert in_bucket("c.lmkit") == sorted(place.name for place in (tmp_path / "c.lmkit").iterdir())
    for place in (tmp_path / "c.lmkit").iterdir():
        assert stored(f"c.lmkit/{place.name}") == place.read_bytes()
    assert lmkit.load("s3://corpora/c.lmkit/").ngrams() == counts.ngrams()
    assert "shards\t3\n" in lmkit_run("info", "s3://corpora/c.lmkit").out
    assert error_of_loading("s3://corpora/none.lmkit") == missing("s3://corpora/none.lmkit/manifest.json")
    assert "there is no bucket nowhere" in lmkit_run("ngram", "train", TOY, "-o", "s3://nowhere/c.lmkit").err
    first, second, *_ = (f"c.lmkit/{name}" for name in in_bucket("c.lmkit") if name.startswith("shard"))
    for shard in (first, second):
        s3().delete_file(f"corpora/{shard}")
    told = lmkit_run("ngram", "check", "s3://corpora/c.lmkit", "--as", "tsv").out
    assert all(f"damaged\ts3://corpora/{shard} is missing.\n" in told for shard in (first, second))


def error_of_loading(name: str) -> str:
    """The message of the error that opening a model ends with."""
    with pytest.raises(DataError) as caught:
        lmkit.load(name)
    return str(caught.value)


@pytest.mark.usefixtures("store")
def test_a_large_file_is_read_in_few_requests_and_whole() -> None:
    lines = b"".join(b"%d le %s\n" % (number, b"chat" * 200) for number in range(50_000))  # 40 MB: more than two pieces
    put("large.txt", lines)
    found = lmkit.count_ngrams("s3://corpora/large.txt", 1)
    assert (found.tokens, len(found.vocabulary) - 3) == (150_000, 50_002)


def test_options_of_a_bucket_stand_after_a_question_mark_and_are_not_shown(
    store: str, monkeypatch: pytest.MonkeyPatch, lmkit_run: Run
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    options = f"?scheme=http&endpoint_override={store}&region=us-east-1"
    assert lmkit.count_ngrams(f"s3://anne:geheim@corpora/toy.tok{options}", 1).tokens == 17
    shown = lmkit_run("perplexity", "--nltk", "mle", f"s3://anne:geheim@corpora/nope{options}")
    assert "geheim" not in shown.err
    assert error_of(f"s3://anne:geheim@corpora/nope{options}") == missing("s3://corpora/nope")
    assert error_of(f"s3://anne:geheim@corpora/data/*.gz{options}").startswith(
        "no file matches s3://corpora/data/*.gz."
    )
    told = error_of("s3://anne:geheim@corpora/nope?regoin=x")
    assert told.startswith(
        "cannot read s3://corpora/nope: Arrow does not take this name of a bucket, or its options.\n"
    )


def missing(name: str) -> str:
    """The message for a file that is not there."""
    return (
        f"cannot read {name}: there is no such file in the store.\n"
        "Check its name: a folder ends in /, and ** in a pattern stands for folders at any depth."
    )


@pytest.mark.usefixtures("store")
def test_what_is_not_there_is_told_with_a_remedy(lmkit_run: Run) -> None:
    assert error_of("s3://corpora/nope.txt") == missing("s3://corpora/nope.txt")
    make = "Check its name, or make it first; AWS_ENDPOINT_URL names another server than Amazon's."
    assert error_of("s3://nowhere/x.txt") == f"cannot read s3://nowhere/x.txt: there is no bucket nowhere.\n{make}"
    assert error_of("s3://nowhere/*.txt") == f"cannot read s3://nowhere/*.txt: there is no bucket nowhere.\n{make}"
    assert error_of("s3://corpora/nope/") == (
        "there is no file in the folder s3://corpora/nope/.\n"
        "** stands for folders at any depth; names that begin with a dot are left out."
    )
    result = lmkit_run("ngram", "train", TOY, "-o", "s3://nowhere/c.safetensors")
    assert (result.code, result.err) == (
        1,
        "lmkit: cannot write s3://nowhere/c.safetensors: there is no bucket nowhere.\nCheck its name, or make it first.\n",
    )
    result = lmkit_run("ngram", "train", TOY, "-o", "s3://corpora/c.doc")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        "lmkit: -o s3://corpora/c.doc: cannot write a model or counts as .doc.",
    )


@pytest.mark.usefixtures("store")
def test_models_and_tables_are_written_to_a_bucket_and_read_from_there(tmp_path: Path, lmkit_run: Run) -> None:
    here, there = tmp_path / "kn.safetensors", "s3://corpora/models/kn.safetensors"
    train = ("ngram", "train", "-q", "-n", "2", "--kneser-ney", "--discount-fallback", TOY, "-o")
    assert [lmkit_run(*train, place).code for place in (here, there)] == [0, 0]
    assert stored("models/kn.safetensors") == here.read_bytes()
    measured = [
        lmkit_run("perplexity", model, text).out for model, text in ((here, TOY), (there, "s3://corpora/toy.tok"))
    ]
    assert measured[0].splitlines()[1:] == measured[1].splitlines()[1:]
    assert lmkit_run("vocabulary", "list", "s3://corpora/toy.tok", "-o", "s3://corpora/words.tsv").code == 0
    assert stored("words.tsv").startswith(b"word\t") or stored("words.tsv").count(b"\n") > 5
    assert lmkit_run("ngram", "convert", there, "-o", "s3://corpora/models/kn.arpa").code == 0
    assert lmkit_run("ngram", "info", "s3://corpora/models/kn.arpa").code == 0


@pytest.mark.usefixtures("store")
def test_an_output_that_fails_leaves_what_was_there(lmkit_run: Run) -> None:
    put("kept.jsonl", b"before\n")
    put("bad.txt", b"le chat\n" * 100_000 + b"\xff\n")
    result = lmkit_run(
        "filter", "s3://corpora/models/none.safetensors", TOY, "-o", "s3://corpora/kept.jsonl", "--max-perplexity", "9"
    )
    assert result.code == 1
    assert stored("kept.jsonl") == b"before\n"
    assert lmkit_run("ngram", "train", "s3://corpora/bad.txt", "-o", "s3://corpora/bad.safetensors").code == 1
    assert not has("bad.safetensors")


@pytest.mark.usefixtures("store")
def test_a_file_that_is_replaced_while_it_is_read_is_an_error() -> None:
    from lmkit.engine.remote.opening import opened_remote

    put("moving.txt", b"le chat\n" * 3_000_000)
    with opened_remote("s3://corpora/moving.txt") as stream:
        assert stream.read(8) == b"le chat\n"
        put("moving.txt", b"un chat\n" * 3_000_000)
        with pytest.raises(DataError, match=r"s3://corpora/moving\.txt has changed while it was read\."):
            stream.read()


class Uploads(BaseHTTPRequestHandler):
    """Takes uploads as S3 does; the test says which part is refused, and how long each takes."""

    refused = ""  # what the path of a request has that fails
    seconds = 0.0  # how long a part takes
    requests: ClassVar[list[str]] = []
    completed: ClassVar[list[str]] = []
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as the class has it)
        """Say nothing."""

    def answer(self) -> None:
        """Answer what an upload asks."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.requests.append(self.path)
        body, status = b"", 200
        if "partNumber" in self.path:
            time.sleep(self.seconds)
            status = 400 if self.refused and self.refused in self.path else 200
        elif self.command == "POST" and self.path.endswith("?uploads"):
            body = b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
        elif self.command == "POST":
            self.completed.append(self.path)
            body = b"<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>"
        elif self.command == "HEAD" and self.path.rstrip("/") != "/corpora":
            status = 404
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer  # noqa: N815 (as the class has them)
    do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Uploads]]:
    """A server that takes uploads; the environment names it."""
    handler: type[Uploads] = type("UploadsHere", (Uploads,), {"requests": [], "completed": []})
    server = QuietServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}).items():
        monkeypatch.setenv(name, value)
    file_system.cache_clear()
    try:
        yield handler
    finally:
        file_system.cache_clear()
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_upload_that_breaks_off_leaves_nothing(uploads: type[Uploads]) -> None:
    uploads.refused = "partNumber=2"
    with pytest.raises(DataError, match=r"cannot write s3://corpora/new: "), whole_file("s3://corpora/new") as stream:
        stream.write(os.urandom(1 << 20) * 40)
    assert any("partNumber=1" in path for path in uploads.requests)
    assert uploads.completed == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_is_stopped_while_it_uploads_leaves_nothing(uploads: type[Uploads], number: int) -> None:
    uploads.seconds = 0.5
    program = (
        "import os; from lmkit.engine.files.outputs import whole_file\n"
        "with whole_file('s3://corpora/stopped') as stream:\n"
        "    stream.write(os.urandom(1 << 20) * 400); print('written', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        while not any("partNumber" in path for path in uploads.requests):
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(60) != 0
    assert uploads.completed == []


def test_what_is_written_in_a_block_that_fails_is_not_uploaded(uploads: type[Uploads]) -> None:
    def fail() -> None:
        with whole_file("s3://corpora/new") as stream:
            stream.write(b"half")
            raise ValueError("it fails")

    with pytest.raises(ValueError, match="it fails"):
        fail()
    assert uploads.completed == []


def test_a_store_that_lets_nobody_in_is_told_with_where_credentials_come_from(
    monkeypatch: pytest.MonkeyPatch, lmkit_run: Run
) -> None:
    with served(Site(status=403)) as site:
        options = f"?scheme=http&region=us-east-1&endpoint_override={site.url.removeprefix('http://')}"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        result = lmkit_run("count", f"s3://corpora/x.txt{options}")
        assert result.code == 1  # Arrow may tell of an upload that was given up before
        assert result.err.endswith(
            f"lmkit: cannot read s3://corpora/x.txt: the store does not let you.\n{CREDENTIALS}\n"
        )
