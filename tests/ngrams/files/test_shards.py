"""Models and counts as folders of shards: the same content as one file, whole or not at all, and never trusted."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine.files.tensors import read_tensors
from lmkit.engine.journal.locking import locked
from lmkit.engine.shards.folders import Here
from lmkit.engine.shards.reading import joined
from lmkit.errors import DataError, UsageError
from tests.backoff_models import random_model
from tests.conftest import ROOT, TOY, Run, held_out_text, text_file, train_text

OWN_TO_ONE_SHARD = {"indptr", "divisors", "weights", "prob_values", "backoff_values"}  # of higher orders, in the index


@cache
def counts(order: int = 3) -> lmkit.NgramCounts:
    """The counts of a text of 400 sentences."""
    return lmkit.count_ngrams(train_text("en"), order)


@cache
def frequent() -> lmkit.NgramCounts:
    """Counts, some of which do not fit in a byte."""
    return lmkit.count_ngrams([text for text in (train_text("en"), held_out_text("en")) for _ in range(100)], 3)


@cache
def by_class() -> lmkit.ClassCounts:
    """Counts of n-grams of classes."""
    found = counts()
    return lmkit.class_counts(found, lmkit.train_classes(found, 20))


VALUES: dict[str, Callable[[], Any]] = {
    "counts": counts,
    "counts of order 1": lambda: counts(1),
    "counts of order 5": lambda: counts(5),
    "large counts": frequent,
    "one word": lambda: lmkit.count_ngrams("-", 3),  # of the text below
    "kneser-ney": lambda: lmkit.kneser_ney(counts()),
    "kneser-ney, large counts": lambda: lmkit.kneser_ney(frequent(), discount_fallback="fixed"),
    "kneser-ney of order 1": lambda: lmkit.kneser_ney(counts(1), discount_fallback="fixed"),
    "laplace": lambda: lmkit.laplace(counts()),
    "witten-bell": lambda: lmkit.witten_bell(counts()),
    "stored": lambda: lmkit.prune(lmkit.witten_bell(counts()), 1e-6).model,
    "stored, few values": lambda: lmkit.quantize(lmkit.prune(lmkit.witten_bell(counts()), 1e-6).model, 4),
    "stupid backoff": lambda: lmkit.stupid_backoff(counts()),
    "any n-grams": lambda: random_model(1, 4),
    "class counts": by_class,
    "class model": lambda: lmkit.kneser_ney(by_class()),
}


def value_called(name: str, folder: Path) -> Any:
    """One of them."""
    return lmkit.count_ngrams(text_file(folder, "a\n"), 3) if name == "one word" else VALUES[name]()


@pytest.fixture
def sharded(tmp_path: Path) -> Path:
    """A folder of three shards."""
    lmkit.save(counts(), tmp_path / "c.lmkit", shards=3)
    return tmp_path / "c.lmkit"


def files_of(folder: Path) -> dict[str, bytes]:
    """What is in a folder."""
    return {place.name: place.read_bytes() for place in folder.iterdir()}


def manifest_in(folder: Path) -> dict[str, Any]:
    """The manifest of a folder."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write the manifest of a folder otherwise."""
    values = manifest_in(folder)
    change(values)
    (folder / "manifest.json").write_text(json.dumps(values), encoding="utf-8")


def error_of(folder: Path) -> str:
    """The message of the error that opening a folder ends with."""
    with pytest.raises(DataError) as caught:
        lmkit.load(folder)
    return str(caught.value)


@pytest.mark.parametrize("name", VALUES)
def test_what_shards_hold_is_what_one_file_holds(name: str, tmp_path: Path) -> None:
    value = value_called(name, tmp_path)
    lmkit.save(value, tmp_path / "one.safetensors")
    expected = (tmp_path / "one.safetensors").read_bytes()
    for number in (1, 2, 7):
        lmkit.save(value, tmp_path / "some.lmkit", shards=number)
        assert bytes(joined(tmp_path / "some.lmkit")) == expected
        lmkit.save(lmkit.load(tmp_path / "some.lmkit"), tmp_path / "back.safetensors")
        assert (tmp_path / "back.safetensors").read_bytes() == expected


def test_there_are_no_more_shards_than_bigrams(tmp_path: Path) -> None:
    toy = lmkit.count_ngrams(TOY, 3)
    lmkit.save(toy, tmp_path / "one.safetensors")
    lmkit.save(toy, tmp_path / "many.lmkit", shards=1 << 60)
    assert len(manifest_in(tmp_path / "many.lmkit")["shards"]) == toy.ngrams()[2]
    assert bytes(joined(tmp_path / "many.lmkit")) == (tmp_path / "one.safetensors").read_bytes()


@pytest.mark.parametrize("name", VALUES)
def test_nothing_that_grows_with_higher_orders_is_in_the_index(name: str, tmp_path: Path) -> None:
    lmkit.save(value_called(name, tmp_path), tmp_path / "some.lmkit", shards=2)
    (index,) = (tmp_path / "some.lmkit").glob("index-*")
    kinds = [tensor.partition(".") for tensor in read_tensors(index.read_bytes())[0]]
    assert {kind for kind, _, order in kinds if order.isdigit() and int(order) > 1} <= OWN_TO_ONE_SHARD
    assert {order for kind, _, order in kinds if kind == "indptr"} <= {"2"}


def test_shards_are_about_as_large_as_each_other_and_as_many_as_asked_for(tmp_path: Path) -> None:
    lmkit.save(counts(5), tmp_path / "c.lmkit", shards=7)
    sizes = [sum(shard["entries"].values()) for shard in manifest_in(tmp_path / "c.lmkit")["shards"]]
    assert len(sizes) == 7
    assert max(sizes) < 2 * min(sizes)


def test_light_first_words_are_not_cut(tmp_path: Path) -> None:
    lmkit.save(counts(2), tmp_path / "c.lmkit", shards=4)
    shards = manifest_in(tmp_path / "c.lmkit")["shards"]
    bigrams = counts(2).orders[1]
    starts = [sum(shard["entries"]["2"] for shard in shards[:number]) for number in range(1, 4)]
    assert set(starts) <= set(bigrams.indptr.tolist())


def test_a_first_word_that_is_too_heavy_for_a_shard_is_cut(tmp_path: Path) -> None:
    text = "".join(f"a w{number}\n" for number in range(1000))
    lmkit.save(lmkit.count_ngrams(text_file(tmp_path, text), 3), tmp_path / "c.lmkit", shards=4)
    begins = [shard["begins"] for shard in manifest_in(tmp_path / "c.lmkit")["shards"]]
    assert len(begins) == 4
    assert sum(begin.startswith("a ") for begin in begins) >= 1


def test_equal_models_are_equal_folders_whoever_counts(tmp_path: Path, lmkit_run: Run) -> None:
    train = ("ngram", "train", "-q", "-n", 3, train_text("en"), "--shards", 3, "-o")
    assert lmkit_run(*train, tmp_path / "one.lmkit").code == 0
    assert lmkit_run(*train, tmp_path / "two.lmkit", "--processes", "--workers", 2).code == 0
    assert lmkit_run(*train, tmp_path / "disk.lmkit", "--memory", "1K").code == 0
    assert files_of(tmp_path / "one.lmkit") == files_of(tmp_path / "two.lmkit") == files_of(tmp_path / "disk.lmkit")


def test_smooth_writes_the_shards_that_train_writes(sharded: Path, tmp_path: Path, lmkit_run: Run) -> None:
    trained, smoothed = tmp_path / "trained.lmkit", tmp_path / "smoothed.lmkit"
    train = ("ngram", "train", "-q", "-n", 3, "--kneser-ney", train_text("en"), "--shards", 2, "-o", trained)
    assert lmkit_run(*train).code == 0
    assert lmkit_run("smooth", "-q", "--kneser-ney", sharded, "--shards", 2, "-o", smoothed).code == 0
    assert len(manifest_in(smoothed)["shards"]) == 2
    assert files_of(smoothed) == files_of(trained)


def test_what_does_not_fit_in_memory_is_put_together_in_a_temporary_file(sharded: Path) -> None:
    assert bytes(joined(sharded, memory=0)) == bytes(joined(sharded))


def test_commands_open_shards_as_they_open_files(tmp_path: Path, lmkit_run: Run) -> None:
    one, shards = tmp_path / "kn.safetensors", tmp_path / "kn.lmkit"
    for path, more in ((one, ()), (shards, ("--shards", 2))):
        assert lmkit_run("ngram", "train", "-q", "-n", 3, "--kneser-ney", train_text("en"), "-o", path, *more).code == 0
    text = held_out_text("en")
    for command in (
        ("perplexity", "MODEL", text),
        ("next", "MODEL", "the"),
        ("ngram", "info", "MODEL"),
        ("ngram", "check", "MODEL", "-q"),
        ("vocabulary", "list", "MODEL"),
        ("vocabulary", "compare", "MODEL", text),
        ("smooth", "-q", "--witten-bell", "MODEL", "--to", "arpa"),
        ("ngram", "prune", "-q", "--entropy", "1e-6", "--history", "self", "MODEL", "--to", "arpa"),
        ("compare", "MODEL", one, text, "--json"),
    ):
        found = [lmkit_run(*(path if part == "MODEL" else part for part in command)) for path in (one, shards)]
        assert found[0].code == found[1].code == 0, found[1].err
        assert found[0].out == found[1].out.replace("kn.lmkit", "kn.safetensors")


def test_info_says_how_many_shards_and_how_large(sharded: Path, lmkit_run: Run) -> None:
    figures = json.loads(lmkit_run("info", "--json", sharded).out)
    assert figures["shards"] == 3
    assert figures["bytes"] == sum(map(len, files_of(sharded).values())) - len((sharded / "manifest.json").read_bytes())


def test_check_says_how_many_shards_there_are(sharded: Path, lmkit_run: Run) -> None:
    assert "c.lmkit: counts of order 3, in 3 shards, n-grams" in lmkit_run("ngram", "check", sharded).err


def test_check_lists_all_files_that_are_missing_or_damaged(sharded: Path, lmkit_run: Run) -> None:
    first, second, third = sorted(sharded.glob("shard-*"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    third.write_bytes(third.read_bytes()[:-1] + b"x")
    result = lmkit_run("ngram", "check", sharded)
    assert result.code == 1
    assert [line.split("\t")[2] for line in result.out.splitlines()] == ["kind", "damaged", "damaged", "damaged"]
    assert all(place.name in result.out for place in (first, second, third))


def test_a_mixture_of_shards_has_a_recipe_which_knows_them_again(tmp_path: Path, lmkit_run: Run) -> None:
    model = lmkit.kneser_ney(counts())
    lmkit.save(model, tmp_path / "a.lmkit", shards=2)
    lmkit.save(lmkit.laplace(counts()), tmp_path / "b.safetensors")
    recipe = tmp_path / "m.recipe.json"
    mixed = lmkit_run("ngram", "mix", "-q", tmp_path / "a.lmkit", tmp_path / "b.safetensors", "-o", recipe)
    assert mixed.code == 0, mixed.err
    assert lmkit_run("perplexity", recipe, held_out_text("en")).code == 0
    lmkit.save(lmkit.witten_bell(counts()), tmp_path / "a.lmkit")
    assert "has changed since the recipe was written" in lmkit_run("perplexity", recipe, held_out_text("en")).err


def test_shards_are_merged_and_converted_as_files_are(tmp_path: Path, lmkit_run: Run, sharded: Path) -> None:
    lmkit.save(counts(), tmp_path / "c.safetensors")
    merged = [tmp_path / "files.safetensors", tmp_path / "shards.lmkit"]
    assert lmkit_run("ngram", "merge", "-q", *[tmp_path / "c.safetensors"] * 2, "-o", merged[0]).code == 0
    assert lmkit_run("ngram", "merge", "-q", sharded, f"{sharded}/", "--shards", 4, "-o", merged[1]).code == 0
    assert len(list(merged[1].glob("shard-*"))) == 4
    assert lmkit_run("ngram", "convert", "-q", merged[1], "-o", tmp_path / "back.safetensors").code == 0
    assert (tmp_path / "back.safetensors").read_bytes() == merged[0].read_bytes()


def test_a_folder_is_replaced_with_all_its_files_and_others_are_left_alone(sharded: Path) -> None:
    (sharded / "README").write_text("ours", encoding="utf-8")
    (sharded / ".lmkit-12345678-0000-12345678.tmp").write_bytes(b"left")
    (sharded / "shard-00009-0123456789abcdef.safetensors").write_bytes(b"left")
    lmkit.save(lmkit.count_ngrams(TOY, 2), f"{sharded}/", shards=1)
    assert len(files_of(sharded)) == 4
    assert {name.partition("-")[0] for name in files_of(sharded)} == {"README", "manifest.json", "index", "shard"}
    assert lmkit.load(sharded).ngrams() == lmkit.count_ngrams(TOY, 2).ngrams()


def test_shards_are_written_over_those_that_they_are_made_from(sharded: Path, lmkit_run: Run) -> None:
    assert lmkit_run("ngram", "convert", "-q", sharded, "--shards", 5, "-o", sharded).code == 0
    assert len(list(sharded.glob("shard-*"))) == 5
    assert lmkit.load(sharded).ngrams() == counts().ngrams()


def test_what_cannot_be_written_is_refused_before_any_work(tmp_path: Path, lmkit_run: Run) -> None:
    (tmp_path / "other.lmkit").mkdir()
    text_file(tmp_path / "other.lmkit", "mine", "diary.txt")
    text_file(tmp_path, "a file", "file.lmkit")
    (tmp_path / "loop.lmkit").symlink_to("loop.lmkit")
    train = ("ngram", "train", "-q", tmp_path / "there-is-no-text")
    for more, message in (
        (("-o", tmp_path / "other.lmkit"), "the folder holds no shards of lmkit's, and has other files: diary.txt."),
        (("-o", tmp_path / "file.lmkit"), "it is a file, and shards are written to a folder."),
        (("-o", tmp_path / "loop.lmkit"), "it is a file, and shards are written to a folder."),
        (("-o", tmp_path / "loop.lmkit", "--resume"), "it is a file, and shards are written to a folder."),
        (("-o", tmp_path / "nowhere" / "c.lmkit"), "there is no folder"),
        (("--to", "lmkit"), "shards are a folder of files, which goes into no pipe."),
        (("-o", tmp_path / "c.safetensors", "--shards", 2), ".safetensors is one file, without shards."),
        (("--shards", 2), ".safetensors is one file, without shards."),
    ):
        result = lmkit_run(*train, *more)
        assert result.code != 0
        assert message in result.err
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"shards": 0}, "there are 0 shards"),
        ({"compact": True}, "a compact file is one"),
    ]
    for how, message in wrong:
        with pytest.raises(UsageError, match=message):
            lmkit.save(counts(), tmp_path / "c.lmkit", **how)
    assert files_of(tmp_path / "other.lmkit") == {"diary.txt": b"mine"}


FULL_DISK = """
import resource, sys
import lmkit
value = lmkit.load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for folder in sys.argv[2:]:
    try:
        lmkit.save(value, folder, shards=2)
    except lmkit.DataError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limits of the size of files")
def test_what_could_not_be_written_leaves_everything_as_it_was(sharded: Path, tmp_path: Path) -> None:
    lmkit.save(counts(2), tmp_path / "two.lmkit")
    before = files_of(tmp_path / "two.lmkit")
    command = [sys.executable, "-c", FULL_DISK, *map(str, (sharded, tmp_path / "two.lmkit", tmp_path / "new.lmkit"))]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"cannot write {tmp_path / 'two.lmkit'}: File too large." in told
    assert f"cannot write {tmp_path / 'new.lmkit'}: File too large." in told
    assert files_of(tmp_path / "two.lmkit") == before
    assert not (tmp_path / "new.lmkit").exists()


def test_shards_that_are_written_over_while_they_are_read_are_the_old_or_the_new_ones(tmp_path: Path) -> None:
    values = [lmkit.count_ngrams(TOY, order) for order in (2, 3)]
    lmkit.save(values[0], tmp_path / "c.lmkit", shards=3)

    def write() -> None:
        for number in range(20):
            lmkit.save(values[number % 2], tmp_path / "c.lmkit", shards=3)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert lmkit.load(tmp_path / "c.lmkit").ngrams() in [value.ngrams() for value in values]
    writer.join()


def test_what_another_writer_has_written_meanwhile_is_left_to_it(
    sharded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stores have no locks."""
    others = sharded / f"shard-00009-{'a' * 16}.safetensors"

    def put_manifest(folder: Here, content: bytes) -> None:
        others.write_bytes(b"x")
        put(folder, content)

    put = Here.put_manifest
    monkeypatch.setattr(Here, "put_manifest", put_manifest)
    lmkit.save(lmkit.count_ngrams(TOY, 2), sharded)
    assert others.exists()
    others.unlink()
    monkeypatch.setattr(Here, "put_manifest", lambda *_: others.write_bytes(b"x") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lmkit.save(counts(), sharded)
    assert others.exists()
    assert lmkit.load(sharded).ngrams() == lmkit.count_ngrams(TOY, 2).ngrams()


def test_shards_that_another_writer_has_removed_meanwhile_are_told(
    sharded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_manifest(folder: Here, content: bytes) -> None:
        put(folder, content)
        folder.remove(json.loads(content)["shards"][0]["file"])

    put = Here.put_manifest
    monkeypatch.setattr(Here, "put_manifest", put_manifest)
    with pytest.raises(DataError, match=r"another command has written there meanwhile, and removed files of this one"):
        lmkit.save(lmkit.count_ngrams(TOY, 2), sharded)


def test_a_job_goes_on_with_shards_as_with_files(sharded: Path, tmp_path: Path, lmkit_run: Run) -> None:
    for more in ((), ("--resume", "--tmp", tmp_path)):
        command = ("ngram", "merge", "-q", sharded, sharded, "-o", tmp_path / f"m{len(more)}.lmkit", *more)
        assert lmkit_run(*command).code == 0
    assert files_of(tmp_path / "m0.lmkit") == files_of(tmp_path / "m3.lmkit")


def test_suites_measure_shards(tmp_path: Path, lmkit_run: Run) -> None:
    lmkit.save(lmkit.laplace(counts(2)), tmp_path / "a.lmkit")
    suite = f'[models]\na = "a.lmkit"\n[texts]\nt = "{held_out_text("en")}"\n'
    result = lmkit_run("evaluate", text_file(tmp_path, suite, "suite.toml"))
    assert result.code == 0, result.err


def test_a_folder_that_another_process_writes_to_is_refused(sharded: Path) -> None:
    before = files_of(sharded)
    with locked(sharded), pytest.raises(DataError, match=f"process {os.getpid()} on .* is at work on these shards"):
        lmkit.save(lmkit.count_ngrams(TOY, 2), sharded)
    (sharded / "lock").unlink()
    assert files_of(sharded) == before


def test_a_folder_without_manifest_is_told(sharded: Path) -> None:
    (sharded / "manifest.json").unlink()
    assert f"cannot read {sharded}: there is no manifest.json in it" in error_of(sharded)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.update(format=2), "in format 2 of shards; lmkit"),
        (lambda values: values["lmkit"].update(format_version=99), "in format 99; lmkit"),
        (lambda values: values.update(kind="diary"), "the file is damaged or cut short (it is none of lmkit's)"),
        (lambda values: values["index"].update(file="../index"), "(what is said of a file is damaged)"),
        (lambda values: values["shards"].clear(), "(there are no shards)"),
        (lambda values: values["shards"].append(values["shards"][0]), "(a file is named twice)"),
        (lambda values: values["shards"].reverse(), "damaged or cut short"),
        (lambda values: values["shards"][0]["entries"].pop("3"), "damaged or cut short"),
        (lambda values: values["shards"][0]["entries"].update({"3": 1 << 60}), "is too small for what it is said to"),
        (lambda values: values["shards"][0]["entries"].update({"3": 1}), "does not hold what the manifest says"),
        (lambda values: values["tensors"]["counts.3"].update(by="chance"), "(how the arrays are cut is damaged)"),
        (lambda values: values["tensors"]["counts.3"].update(level=2), "does not hold what the manifest says"),
        (lambda values: values["tensors"].pop("counts.3"), "does not hold what the manifest says"),
    ],
)
def test_a_damaged_manifest_is_told(sharded: Path, change: Callable[[dict[str, Any]], None], message: str) -> None:
    change_manifest(sharded, change)
    assert message in error_of(sharded)


def test_every_truncation_of_the_manifest_is_an_error_and_not_a_crash(sharded: Path) -> None:
    place = sharded / "manifest.json"
    data = place.read_bytes()
    for length in range(0, len(data) - 2, 41):
        place.write_bytes(data[:length])
        assert "manifest.json: the file is damaged or cut short" in error_of(sharded)


@pytest.mark.parametrize("size", [1 << 50, 1 << 70])
def test_what_is_missing_is_told_before_there_is_no_room_for_it(sharded: Path, size: int) -> None:
    change_manifest(sharded, lambda values: values["shards"][0].update(bytes=64 * size, entries={"2": 1, "3": size}))
    assert f"and had {64 * size:,}: it is cut short, damaged, or of another model." in error_of(sharded)


@pytest.mark.parametrize("which", ["index", "shard-00002"])
def test_a_file_that_is_missing_or_not_what_it_was_is_told(sharded: Path, which: str) -> None:
    (place,) = sharded.glob(f"{which}-*")
    data = place.read_bytes()
    place.unlink()
    assert f"{place} is missing." in error_of(sharded)
    place.write_bytes(data[:-8])
    assert f"{place} has {len(data) - 8:,} bytes, and had {len(data):,}" in error_of(sharded)
    place.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert f"{place} has the SHA-256 " in error_of(sharded)
    place.write_bytes(b"")
    assert f"{place} has 0 bytes" in error_of(sharded)


def test_a_shard_of_another_model_is_told(sharded: Path) -> None:
    lmkit.save(lmkit.count_ngrams(TOY, 3), sharded.parent / "toy.lmkit", shards=3)
    for own, other in zip(
        sorted(sharded.glob("shard-*")), sorted((sharded.parent / "toy.lmkit").glob("shard-*")), strict=True
    ):
        shutil.copyfile(other, own)
    told = error_of(sharded)
    assert "shard-00001" in told
    assert "it is cut short, damaged, or of another model. 2 more of its files" in told


def test_a_shard_alone_is_no_model(sharded: Path) -> None:
    for place in sharded.glob("*.safetensors"):
        assert f"{place} is a part of a model, which lies in a folder of shards.\nName the folder." in error_of(place)


def test_a_manifest_alone_is_no_model_and_no_text(sharded: Path, lmkit_run: Run) -> None:
    place = sharded / "manifest.json"
    for command in (("info", place), ("next", place, "the"), ("count", place), ("count", "--vocabulary", place, TOY)):
        result = lmkit_run(*command)
        assert result.code == 1
        assert "it looks like the manifest of a model in shards.\nName the folder that it is in." in result.err, command


def test_only_n_grams_are_cut_into_shards(tmp_path: Path) -> None:
    vectors = lmkit.successor_vectors(counts(2))
    with pytest.raises(UsageError, match=r"cannot write word vectors as \.lmkit"):
        lmkit.save(vectors, tmp_path / "v.lmkit")


WRITER = """
import os, signal, sys
import lmkit
from lmkit.engine.threads import map_in_order
folder, text, point, limit = sys.argv[1], sys.argv[2], 0, int(sys.argv[3])
value = lmkit.count_ngrams(text, 2)
lmkit.save(value, folder + "/warm.lmkit", shards=3)  # what is imported is imported
events = ("open", "os.mkdir", "os.rename", "os.remove", "fcntl.flock")
def notice(event, arguments):
    global point
    if event in events and "m.lmkit" in str(arguments) + event * (event == "fcntl.flock"):
        point += 1
        if point == limit:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(notice)
def after_fork():
    global limit
    for limit in range(1, 1000):
        sys.stdin.readline()  # what there is has been looked at
        process = os.fork()
        if not process:
            try:
                lmkit.save(value, folder + "/m.lmkit", shards=3)
            finally:
                os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        print(limit, status, flush=True)
        if not status:
            return
after_fork()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, and killed")
@pytest.mark.parametrize("is_new", [False, True])
def test_a_writer_that_is_killed_leaves_the_old_model_or_the_new_one(tmp_path: Path, is_new: bool) -> None:
    old, folder, text = tmp_path / "old.lmkit", tmp_path / "m.lmkit", train_text("en")
    lmkit.save(lmkit.count_ngrams(TOY, 2), old, shards=2)
    expected = [None if is_new else files_of(old)["manifest.json"]]
    lmkit.save(lmkit.count_ngrams(text, 2), tmp_path / "new.lmkit", shards=3)
    expected.append(files_of(tmp_path / "new.lmkit")["manifest.json"])
    found, codes = [], []
    command = [sys.executable, "-c", WRITER, str(tmp_path), str(text), "0"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdin
        assert writer.stdout
        while 0 not in codes:
            if not is_new:
                shutil.copytree(old, folder)
            writer.stdin.write("\n")
            writer.stdin.flush()
            line = writer.stdout.readline()
            codes.append(int(line.split()[1]))
            there = folder / "manifest.json"
            found.append(there.read_bytes() if there.exists() else None)
            if found[-1] is not None:
                lmkit.load(folder)
            lmkit.save(lmkit.count_ngrams(text, 2), folder, shards=3)
            assert files_of(folder) == files_of(tmp_path / "new.lmkit")
            shutil.rmtree(folder)
    assert codes.pop() == 0
    assert set(codes) == {-9}
    assert len(codes) > 10
    assert set(found) == set(expected)
