"""Files on servers of the web: all of it, or an error."""

import gzip
import io
import itertools
import random
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.request as requests
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any, cast

import pytest

import lmkit
from lmkit.engine.remote.streams import ReadAhead
from lmkit.engine.remote.web import Patience, WebFile, WebRedirects
from lmkit.errors import DataError
from lmkit.recipes.grammar import parse_component
from tests.conftest import TOY, Run
from tests.remote.servers import FAULTS, Site, answering, served
from tests.texts import error_of, json_lines, table

LINES = b"".join(b"%d le chat dort %d\n" % (number, number % 97) for number in range(60_000))  # 1.3 MB
TOKENS = 60_000 * 5
QUICK = Patience(tries=4, wait=0.001, timeout=5)
LONG_AGO = "Wed, 01 Jan 2020 00:00:00 GMT"


@pytest.fixture
def site() -> Iterator[Site]:
    """A server with some files."""
    files = {"/toy.tok": TOY.read_bytes(), "/lines.txt": LINES, "/empty.txt": b""}
    with served(Site(files)) as found:
        yield found


def test_shards_are_opened_from_the_web_and_their_signature_is_not_shown(tmp_path: Path, site: Site) -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    lmkit.save(counts, tmp_path / "c.lmkit", shards=2)
    signature = "?token=geheim"
    files = {f"/c.lmkit/{place.name}": place.read_bytes() for place in (tmp_path / "c.lmkit").iterdir()}
    site.files.update(files)
    assert lmkit.load(f"{site.url}/c.lmkit{signature}").ngrams() == counts.ngrams()
    assert all(path.endswith(signature) for path, _ in site.requests)
    shard = max(files)
    site.files[shard] = files[shard][:-1]
    with pytest.raises(DataError, match="it is cut short, damaged, or of another model") as caught:
        lmkit.load(f"{site.url}/c.lmkit{signature}")
    assert "geheim" not in str(caught.value)


class Replaced(dict[str, bytes]):
    """The files of a site, whose manifest is that of former shards when it is asked for first."""

    def __init__(self, files: dict[str, bytes], former: bytes) -> None:
        super().__init__(files)
        self._former = [former]

    def __getitem__(self, path: str) -> bytes:
        return self._former.pop() if path.endswith("manifest.json") and self._former else super().__getitem__(path)


def test_shards_that_were_written_over_while_they_are_read_are_the_new_ones(tmp_path: Path, site: Site) -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "c.lmkit", shards=2)
    former = (tmp_path / "c.lmkit" / "manifest.json").read_bytes()
    lmkit.save(counts, tmp_path / "c.lmkit", shards=2)
    site.files = Replaced(
        {f"/c.lmkit/{place.name}": place.read_bytes() for place in (tmp_path / "c.lmkit").iterdir()}, former
    )
    assert lmkit.load(f"{site.url}/c.lmkit").ngrams() == counts.ngrams()


def downloaded(url: str, patience: Patience = QUICK) -> bytes:
    """What comes through the stream that commands read."""
    with ReadAhead(WebFile(url, url, patience=patience).pieces(), url) as stream:
        return io.BufferedReader(stream, 1 << 16).read()


@pytest.mark.parametrize("seed", range(50))
def test_a_download_with_faults_at_random_gives_all_tokens_or_an_error(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (no secret)
    framing = chance.choice(["length", "length", "chunked", "closed"])
    etag, modified = chance.choice([('"1"', ""), ("", LONG_AGO), ("", ""), ('W/"1"', LONG_AGO)])
    faults = [chance.choice(("", *FAULTS, *FAULTS)) for _ in range(6)]
    has_ranges = chance.random() < 0.7
    hopeless = all(faults[: QUICK.tries]) or (framing == "closed" and not has_ranges)
    site = Site({"/x": LINES}, has_ranges, framing, etag, modified, faults=iter(faults), chance=chance)
    with served(site):
        stream = io.BufferedReader(cast(io.RawIOBase, Late(site.url + "/x")), 1 << 16)
        try:
            tokens = lmkit.count_ngrams(stream, 1).tokens
        except DataError:
            assert hopeless
        else:
            assert tokens == TOKENS
        stream.close()


class Late(io.RawIOBase):
    """A download that begins when it is read."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stream: ReadAhead | None = None

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        if self._stream is None:
            self._stream = ReadAhead(WebFile(self._url, "x", patience=QUICK).pieces(), "x")
        return self._stream.readinto(buffer)

    def close(self) -> None:
        """Let go."""
        if self._stream is not None:
            self._stream.close()
        super().close()


def test_a_connection_that_is_cut_is_resumed_where_it_broke(site: Site) -> None:
    site.faults = iter(["cut", "cut", ""])
    assert downloaded(f"{site.url}/lines.txt") == LINES
    starts = [int(headers["Range"].removeprefix("bytes=").rstrip("-")) for _, headers in site.requests]
    assert starts[0] == 0 < starts[1] < starts[2]
    assert [headers.get("If-Range") for _, headers in site.requests] == [None, '"1"', '"1"']


def test_a_server_without_parts_is_read_again_from_the_start_and_compared(site: Site) -> None:
    site.ranges, site.faults = False, iter(["cut", ""])
    assert downloaded(f"{site.url}/lines.txt") == LINES
    site.etag, site.faults = "", cut_then(site, LINES.replace(b"dort", b"dors"))
    assert error_at(site, "/lines.txt") == changed(site, "/lines.txt")


def cut_then(site: Site, content: bytes) -> Iterator[str]:
    """A connection that is cut, after which the file is another one."""
    yield "cut"
    site.files["/lines.txt"] = content
    yield ""


def error_at(site: Site, path: str, patience: Patience = QUICK) -> str:
    """The message of the error that a download ends with."""
    with pytest.raises(DataError) as caught:
        downloaded(site.url + path, patience)
    return str(caught.value)


def changed(site: Site, path: str) -> str:
    """The message for a file that changed."""
    return f"{site.url}{path} has changed while it was read.\nRead it again when nothing writes to it."


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_changes_meanwhile_is_an_error(site: Site, ranges: bool) -> None:
    def changing() -> Iterator[str]:
        yield "cut"
        site.etag = '"2"'
        yield ""

    site.ranges, site.faults = ranges, changing()
    assert error_at(site, "/lines.txt") == changed(site, "/lines.txt")


def test_a_body_of_unknown_length_is_refused_as_its_end_could_be_a_cut(site: Site) -> None:
    site.framing, site.ranges = "closed", False
    message = (
        f"cannot read {site.url}/lines.txt: the server does not say how long it is, so that one could not see whether all of "
        "it has come.\nFetch it in another way, look whether it is whole, and name the file."
    )
    assert error_at(site, "/lines.txt") == message


def test_a_server_that_always_cuts_or_fails_is_given_up_after_some_tries(site: Site) -> None:
    advice = "\nThe server or the network fails: try again later, or fetch the file first."
    site.faults = itertools.repeat("503")
    start = f"cannot read {site.url}/toy.tok: "
    assert error_at(site, "/toy.tok") == f"{start}the server answers 503 Service Unavailable; asked 4 times.{advice}"
    assert len(site.requests) == QUICK.tries
    site.faults = itertools.repeat("mute")
    assert error_at(site, "/toy.tok").endswith(f"; asked 4 times.{advice}")


def test_lengths_that_contradict_each_other_are_an_error(site: Site) -> None:
    site.headers = {"Content-Length": "1000"}
    announced = f"the server announces {len(LINES):,} bytes and 1,000 bytes at once."
    assert error_at(site, "/lines.txt").startswith(f"cannot read {site.url}/lines.txt: {announced}")
    site.ranges, site.headers = False, {"Content-Length": str(len(LINES) + 1000)}
    assert "the connection was closed 1,000 bytes too early" in error_at(site, "/lines.txt")


PART = b'HTTP/1.1 206 Partial\r\nETag: "1"\r\nContent-Range: bytes '
LEADS = "the server leads elsewhere (302 Found): in a circle, out of the web"
IS_LOST = "the server does not say how long it is"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (PART + b"0-2/9\r\nContent-Length: 3\r\n\r\nle ", "the server sends nothing of what is missing after 3 bytes"),
        (
            PART + b"4-8/9\r\nContent-Length: 5\r\n\r\nchat\n",
            "the server sends another part of it than it was asked for",
        ),
        (PART + b"0-8/3\r\n\r\nle chat\n\n", "the server sends a part of it, and does not say which"),
        (PART + b"5-2/9\r\n\r\nle chat\n", "the server sends a part of it, and does not say which"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 8\r\n\r\nle chat\n",
            "announces 8 bytes and 3 bytes",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nle chat\n", IS_LOST),
        (b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\nle chat\n", IS_LOST),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n", "the answer is no HTTP; asked 4 times"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000, "the answer is no HTTP; asked 4 times"),
        (b"HTTP/1.1 503 X\r\nRetry-After: \xb2\r\n\r\n", "the server answers 503 X; asked 4 times"),
        (b"HTTP/1.1 302 Found\r\nLocation: /x.txt\r\nContent-Length: 0\r\n\r\n", LEADS),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", LEADS),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://host/x\r\nContent-Length: 0\r\n\r\n", LEADS),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::bad/\r\nContent-Length: 0\r\n\r\n", LEADS),
    ],
)
def test_answers_that_contradict_themselves_are_errors(answer: bytes, told: str) -> None:
    with answering(answer) as url, pytest.raises(DataError) as caught:
        downloaded(url)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"cannot read {url}: ")


def test_the_chunks_of_an_answer_count_and_not_what_it_announces() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nle chat\n\r\n0\r\n\r\n"
    with answering(answer) as url:
        assert downloaded(url) == b"le chat\n"


def test_a_server_that_gives_a_part_at_a_time_is_asked_for_the_next() -> None:
    first, second = (PART + b"%d-%d/8\r\n\r\n%b" % part for part in ((0, 2, b"le "), (3, 7, b"chat\n")))
    with answering(first, second) as url:
        assert downloaded(url) == b"le chat\n"


def test_no_server_leads_from_what_is_encrypted_to_what_is_not() -> None:
    asked = requests.Request("https://host/x.txt")
    lead = WebRedirects().redirect_request
    assert lead(asked, None, 302, "Found", Message(), "http://host/x.txt") is None
    assert lead(asked, None, 302, "Found", Message(), "https://other/x.txt") is not None


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_files_of_the_web_are_read_as_files_here_are(site: Site, framing: str, tmp_path: Path) -> None:
    site.framing = framing
    sentences = TOY.read_text(encoding="utf-8").splitlines()
    site.files["/toy.gz"] = gzip.compress(TOY.read_bytes())
    site.files["/a b/é.jsonl"] = json_lines(sentences)
    site.files["/t.parquet"] = table(tmp_path / "t.parquet", {"text": sentences}).read_bytes()
    expected = lmkit.count_ngrams(TOY, 3)
    for path in ("/toy.tok", "/toy.gz", "/a b/é.jsonl", "/t.parquet", "/a%20b/%C3%A9.jsonl?download=true"):
        found = lmkit.count_ngrams(site.url + path, 3)
        assert (found.tokens, [list(counts) for counts in found.counts]) == (
            expected.tokens,
            [list(counts) for counts in expected.counts],
        )
    assert lmkit.count_ngrams([f"{site.url}/empty.txt", f"{site.url}/toy.tok"], 1).tokens == expected.tokens


def test_of_parquet_no_more_is_fetched_than_the_column(site: Site, tmp_path: Path) -> None:
    noise = random.Random(3)  # noqa: S311 (no secret)
    columns = {"text": ["le chat dort"] * 2000, "image": [noise.randbytes(2000) for _ in range(2000)]}  # 4 MB
    site.files["/t.parquet"] = table(tmp_path / "t.parquet", columns).read_bytes()
    assert lmkit.count_ngrams(f"{site.url}/t.parquet", 1).tokens == 6000
    parts = [headers["Range"].removeprefix("bytes=").split("-") for _, headers in site.requests]
    assert sum(int(stop) + 1 - int(start) for start, stop in parts if stop) < 1 << 18


def test_models_vocabularies_and_tokenizers_may_lie_elsewhere(site: Site, toy_counts: Path, lmkit_run: Run) -> None:
    site.files["/counts"] = toy_counts.read_bytes()
    site.files["/words.txt"] = b"chat\nlait\n"
    told = lmkit_run("info", toy_counts).out.splitlines()
    assert lmkit_run("info", f"{site.url}/counts").out.splitlines() == [told[0], *told[2:]]  # without its bytes
    words = lmkit_run("count", "--vocabulary", f"{site.url}/words.txt", TOY)
    assert (words.code, words.err) == (0, "")
    here = lmkit_run("perplexity", toy_counts, TOY, "--json").out
    assert lmkit_run("perplexity", f"{site.url}/counts", f"{site.url}/toy.tok", "--json").out == here


def test_users_and_signatures_are_sent_and_never_shown(site: Site, lmkit_run: Run) -> None:
    url = site.url.replace("//", "//anne:geheim@") + "/toy.tok?X-Amz-Signature=1234abcd"
    assert lmkit_run("count", url).code == 0
    path, headers = site.requests[-1]
    assert path == "/toy.tok?X-Amz-Signature=1234abcd"
    assert headers["Authorization"] == "Basic YW5uZTpnZWhlaW0="
    site.status = 403
    assert lmkit_run("count", url).err == (
        f"lmkit: cannot read {site.url}/toy.tok: the server does not let you (403 Forbidden).\n"
        "Name a user, as in https://USER:PASSWORD@HOST/FILE, or a signed URL, which may have expired.\n"
    )


def test_secrets_are_in_no_table_and_no_file(site: Site, toy_counts: Path, tmp_path: Path, lmkit_run: Run) -> None:
    model, vectors, recipe = tmp_path / "wb.safetensors", tmp_path / "v.txt", tmp_path / "x.recipe.json"
    assert lmkit_run("smooth", "--witten-bell", toy_counts, "-o", model).code == 0
    vectors.write_bytes(b"2 2\nle 1 0\nchat 1 1\n")
    pairs = b"le\tchat\t3\nchat\tle\t2\nle\tle\t9\n"
    site.files |= {"/m": model.read_bytes(), "/w": b"le\nchat\n", "/pairs": pairs}
    start = site.url.replace("//", "//anne:geheim@")
    there = {name[1:]: f"{start}{name}?sig=geheim" for name in site.files}
    for arguments in (
        ("compare", there["m"], there["m"], there["toy.tok"]),
        ("compare", there["m"], there["m"], there["toy.tok"], "--json"),
        ("ngram", "mix", model, model, "--held-out", there["toy.tok"], "-o", recipe),
        ("ngram", "mix", there["m"], there["m"], "--held-out", there["toy.tok"], "-o", tmp_path / "x.arpa"),
        ("ngram", "restrict", there["m"], "--vocabulary", there["w"], "-o", tmp_path / "y.arpa"),
        ("vectors", "evaluate", vectors, there["pairs"]),
        ("classify", there["m"], there["m"], there["toy.tok"]),
    ):
        told = lmkit_run(*arguments)
        assert "geheim" not in told.out + told.err
        assert told.code == (2 if arguments[0] == "classify" else 0), told.err
    assert b"geheim" not in recipe.read_bytes()


def test_who_asks_is_not_told_to_where_a_server_leads(site: Site) -> None:
    with served(Site({"/there.txt": b"le chat\n"})) as other:
        site.status, site.headers = 302, {"Location": f"{other.url}/there.txt"}
        url = site.url.replace("//", "//anne:geheim@") + "/here.txt"
        assert downloaded(url) == b"le chat\n"
        assert [("Authorization" in headers) for _, headers in site.requests + other.requests] == [True, False]


def test_what_a_server_refuses_is_told_with_a_remedy(site: Site) -> None:
    url = site.url
    assert error_of(f"{url}/nope.txt") == (
        f"cannot read {url}/nope.txt: the server has no such file (404 Not Found).\nCheck the name."
    )
    elsewhere = "of object stores (s3://, gs://, abfs://, hdfs://) and hf://, folders and patterns can be named."
    tells = f"servers of the web tell nobody which files they have.\nName each file; {elsewhere}"
    assert error_of(f"{url}/data/") == f"cannot read {url}/data/: it is a folder, and {tells}"
    assert error_of(f"{url}/*.txt") == f"cannot read {url}/*.txt: it is a pattern, and {tells}"
    site.headers = {"Content-Type": "text/html; charset=utf-8"}
    assert error_of(f"{url}/toy.tok") == (
        f"{url}/toy.tok is a page of the web, and no file.\n"
        "Name the file that the page shows: links to raw files and to downloads lead there."
    )
    site.headers = {"Content-Encoding": "br"}
    assert error_of(f"{url}/toy.tok").startswith(f"cannot read {url}/toy.tok: the server sends it encoded as br.")


def test_servers_that_are_not_there_are_told_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    network = "Check the name of the server and the network; a proxy is named in the variable https_proxy."
    url = f"http://127.0.0.1:{port}/x.txt"
    assert error_of(url) == f"cannot read {url}: its server takes no connections there.\n{network}"
    assert error_of("https://nowhere.invalid/x.txt").startswith(
        "cannot read https://nowhere.invalid/x.txt: its server was not found ("
    )
    for url in ("http://127.0.0.1:port/x", "http:///x", "http://a..b/x"):
        assert error_of(url) == f"cannot read {url}: this is no URL.\nOne looks like https://HOST/FILE."


def test_nothing_that_comes_is_an_error_and_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.txt"
        with pytest.raises(DataError, match=r"its server did not answer within 0\.2 seconds"):
            downloaded(url, Patience(timeout=0.2))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes a certificate, is not installed")
def test_certificates_that_nobody_vouches_for_are_refused(tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=127.0.0.1"
    subprocess.run(made.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection, pytest.raises(OSError, match=r"SSL|reset"):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/x.txt"
        told = error_of(url)
        thread.join()
    assert told.startswith(f"cannot read {url}: the certificate of the server is not trusted (self")
    assert told.endswith("If you trust it, name a file with its certificate in the variable SSL_CERT_FILE.")


def test_proxies_of_the_environment_are_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from lmkit.engine.remote.web import opener

    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    opener.cache_clear()
    try:
        site.files["http://corpora.invalid/x.txt"] = b"le chat\n"
        assert downloaded("http://corpora.invalid/x.txt") == b"le chat\n"
    finally:
        opener.cache_clear()


def test_names_that_nothing_is_known_of_are_refused_with_what_is_like_them(lmkit_run: Run) -> None:
    known = "What is known: s3://, gs://, abfs://, hdfs://, https://, http:// and hf://."
    assert error_of("s4://bucket/x.txt") == (
        f"cannot read s4://bucket/x.txt: lmkit knows no s4://.\nDid you mean s3://? {known}"
    )
    assert error_of("zzz://u:p@host/x") == f"cannot read zzz://host/x: lmkit knows no zzz://.\n{known}"
    assert error_of("file:///tmp/x") == (
        "cannot read file:///tmp/x: lmkit knows no file://.\nName it by its path, without file://."
    )
    assert error_of(Path("s3://bucket/x")) == (
        "cannot read s3:/bucket/x: No such file or directory.\n"
        "It names a file elsewhere: give it as a str, as a Path has one / in the place of two."
    )
    stores = "Object stores (s3://, gs://, abfs://) and hdfs:// can be written to."
    result = lmkit_run("ngram", "train", TOY, "-o", "https://host/counts.safetensors")
    assert (result.code, result.err) == (
        1,
        f"lmkit: cannot write https://host/counts.safetensors: lmkit writes nothing to https://.\n{stores}\n",
    )


def test_proxies_that_are_not_of_the_web_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from lmkit.engine.remote.web import opener

    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    opener.cache_clear()
    try:
        told = "the variable http_proxy or https_proxy names a proxy of another kind than http:// (unknown url type: socks5)."
        assert error_of("http://corpora.invalid/x").startswith(f"cannot read http://corpora.invalid/x: {told}")
    finally:
        opener.cache_clear()


def test_a_number_above_1_after_a_name_elsewhere_is_no_weight() -> None:
    name = "s3://anne:geheim@models/kn?endpoint_override=localhost:9000"
    assert [(each.part.file, each.weight, each.text) for each in map(parse_component, (name, f"{name}:0.25"))] == [
        (name, None, "s3://models/kn"),
        (name, 0.25, "s3://models/kn"),
    ]


def test_recipes_refuse_models_elsewhere(site: Site, toy_counts: Path, tmp_path: Path, lmkit_run: Run) -> None:
    site.files["/counts"] = toy_counts.read_bytes()
    there, recipe = f"{site.url}/counts", tmp_path / "x.recipe.json"
    told = lmkit_run("ngram", "mix", there, toy_counts, "-o", recipe)
    assert (told.code, told.err) == (
        1,
        f"lmkit: a recipe names the files of its models, and {there} lies elsewhere.\nCopy it here, and name the copy.\n",
    )
    model = tmp_path / "wb.safetensors"
    assert lmkit_run("smooth", "--witten-bell", toy_counts, "-o", model).code == 0
    assert lmkit_run("ngram", "mix", model, model, "-o", recipe).code == 0
    said = recipe.read_text(encoding="utf-8")
    recipe.write_text(said.replace(f'"{model.name}"', f'"{there}"'), encoding="utf-8")
    assert lmkit_run("info", recipe).err == (
        f"lmkit: {recipe}: component 1, {there}, lies elsewhere, and a recipe names files that are here.\n"
        "Copy it here, and name the copy in the recipe.\n"
    )


class Pieces:
    """A stream that gives what is like bytes, and at times less than it is asked for, or more."""

    def __init__(self, data: bytes, kind: type[bytearray] | type[memoryview], *, at_once: int) -> None:
        self._data, self._kind, self._at_once = data, kind, at_once

    def read(self, _size: int = -1) -> bytearray | memoryview:
        """The next piece."""
        piece, self._data = self._data[: self._at_once], self._data[self._at_once :]
        return self._kind(piece)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_streams_may_give_anything_like_bytes(kind: type[bytearray], at_once: int) -> None:
    for data in (TOY.read_bytes(), gzip.compress(TOY.read_bytes())):
        assert lmkit.count_ngrams(Pieces(data, kind, at_once=at_once), 2).tokens == 17  # type: ignore[arg-type]
