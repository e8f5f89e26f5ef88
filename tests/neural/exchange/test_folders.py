"""Folders of GPT-2's shape, without the program that opens them: names and shapes, ids, the way back, what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import lmkit
from lmkit.errors import DataError, ModelWarning
from lmkit.neural.architectures.feed_forward import FeedForwardShape
from lmkit.neural.exchange.foreign import constant_row
from lmkit.neural.model import NeuralModel
from lmkit.text.settings import TextSettings
from tests.conftest import CORPORA, Run
from tests.neural.exchange.models import CASES, LINES, SHAPE, ids_of, model_of, settings_called, tiny

SUBWORDS = "pip install 'lmkit[subwords]'"


def changed(folder: Path, name: str, **values: Any) -> None:
    """Change what a JSON file of the folder says."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a model of three words."""
    lmkit.export_gpt2(tiny(), tmp_path / "gpt2")
    return tmp_path / "gpt2"


def test_a_folder_has_the_files_and_arrays_that_gpt2_has(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "generation_config.json", "lmkit.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    shapes = {name: array.shape for name, array in load_file(folder / "model.safetensors").items()}
    assert shapes == {
        "transformer.wte.weight": (6, 8), "transformer.wpe.weight": (4, 8),
        "transformer.h.0.ln_1.weight": (8,), "transformer.h.0.ln_1.bias": (8,),
        "transformer.h.0.attn.c_attn.weight": (8, 24), "transformer.h.0.attn.c_attn.bias": (24,),
        "transformer.h.0.attn.c_proj.weight": (8, 8), "transformer.h.0.attn.c_proj.bias": (8,),
        "transformer.h.0.ln_2.weight": (8,), "transformer.h.0.ln_2.bias": (8,),
        "transformer.h.0.mlp.c_fc.weight": (8, 32), "transformer.h.0.mlp.c_fc.bias": (32,),
        "transformer.h.0.mlp.c_proj.weight": (32, 8), "transformer.h.0.mlp.c_proj.bias": (8,),
        "transformer.ln_f.weight": (8,), "transformer.ln_f.bias": (8,),
    }  # fmt: skip
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    expected = {
        "model_type": "gpt2",
        "vocab_size": 6,
        "n_positions": 4,
        "n_embd": 8,
        "n_layer": 1,
        "n_head": 2,
        "n_inner": 32,
    }
    expected |= {"activation_function": "gelu_new", "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 0}
    assert {name: config[name] for name in expected} == expected
    said = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    assert said["suppress_tokens"] == [1]  # lmkit's softmax leaves <s> out


@pytest.mark.parametrize("case", CASES)
def test_the_tokenizer_of_a_folder_gives_the_ids_of_the_model(case: str, tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason=SUBWORDS)
    model = model_of(settings_called(case))
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "gpt2" / "tokenizer.json"))
    assert tokenizer.get_vocab_size() == len(model.vocabulary)
    assert [tokenizer.encode(line).ids for line in LINES] == [ids_of(model, line) for line in LINES]


def test_letters_are_lowered_as_lmkit_lowers_them(tmp_path: Path) -> None:
    """Of 140,000 characters, the library would make two of İ alone."""
    tokenizers = pytest.importorskip("tokenizers", reason=SUBWORDS)
    settings = TextSettings(unit="character", lowercase=True, strip_accents=True, fold_numbers=True)
    lmkit.export_gpt2(tiny(settings=settings), tmp_path / "gpt2")
    normalizer = tokenizers.Tokenizer.from_file(str(tmp_path / "gpt2" / "tokenizer.json")).normalizer
    latin_to_cyrillic = map(
        chr, [*range(0x21, 0x7F), *range(0xA1, 0x530), *range(0x900, 0xA00), *range(0x1E00, 0x2000)]
    )
    for letter in latin_to_cyrillic:
        (tokens,) = lmkit.tokenize(f"x{letter}", settings)
        assert normalizer.normalize_str(f"x{letter}") == "".join(tokens).replace("␣", " "), letter


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_a_model_comes_back_as_it_was(case: str, positions: Any, tmp_path: Path) -> None:
    if CASES[case] is None:
        pytest.importorskip("tokenizers", reason=SUBWORDS)
    model = model_of(settings_called(case), replace(SHAPE, positions=positions, dimensions=8, heads=2))
    lmkit.save(model, tmp_path / "there.safetensors")
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    lmkit.save(lmkit.import_gpt2(tmp_path / "gpt2"), tmp_path / "back.safetensors")
    assert (tmp_path / "there.safetensors").read_bytes() == (tmp_path / "back.safetensors").read_bytes()


@pytest.mark.parametrize("case", ["word", "character", "byte", "bpe", "unigram"])
def test_without_what_lmkit_says_of_it_a_folder_gives_the_same_scores(case: str, tmp_path: Path) -> None:
    """As any other folder, by its tokenizer.json: after fine-tuning elsewhere, say."""
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    model = model_of(settings_called(case))
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    (tmp_path / "gpt2" / "lmkit.json").unlink()
    found = lmkit.import_gpt2(tmp_path / "gpt2")
    text = CORPORA / "fr.test.txt"
    assert found.parameters.vector.tobytes() == model.parameters.vector.tobytes()
    assert lmkit.perplexity(found, text).perplexity == lmkit.perplexity(model, text).perplexity


def test_of_parameters_that_have_learned_elsewhere_the_old_training_is_not_told(folder: Path) -> None:
    """save_pretrained into the folder leaves what lmkit says of the model, of which words and settings still hold."""
    assert lmkit.import_gpt2(folder).details == tiny().details
    arrays = load_file(folder / "model.safetensors")
    arrays["transformer.ln_f.bias"][3] = 0.5
    save_file(arrays, folder / "model.safetensors")
    found = lmkit.import_gpt2(folder)
    assert (found.details, found.settings) == ({"imported": "gpt2"}, tiny().settings)
    assert found.parameters["ln_f.bias"][3] == 0.5


def test_a_folder_written_before_is_replaced_and_one_with_other_files_is_not(folder: Path) -> None:
    lmkit.export_gpt2(tiny("a b c d"), folder)
    assert len(lmkit.import_gpt2(folder).vocabulary) == 7
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match=r"the folder has other files, the first is notes\.txt\."):
        lmkit.export_gpt2(tiny(), folder)
    assert len(lmkit.import_gpt2(folder).vocabulary) == 7
    assert [path.name for path in folder.parent.iterdir()] == ["gpt2"]


def test_a_folder_that_cannot_be_finished_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with pytest.raises(DataError, match="No space left on device"):
        lmkit.export_gpt2(tiny(), tmp_path / "gpt2")
    assert list(tmp_path.iterdir()) == []


def test_words_that_lmkit_has_to_make_first_are_told(tmp_path: Path) -> None:
    settings = TextSettings(tokenizer="nltk:treebank", casefold=True)
    with pytest.warns(
        ModelWarning, match="`lmkit tokenize --tokenizer nltk:treebank --casefold` has made: then ids are the same"
    ):
        lmkit.export_gpt2(tiny(settings=settings), tmp_path / "gpt2")
    assert lmkit.import_gpt2(tmp_path / "gpt2").settings == settings


def test_other_architectures_and_what_no_tokenizer_file_holds_are_refused(tmp_path: Path) -> None:
    model = tiny()
    shape = FeedForwardShape(3, 4, 5)
    other = NeuralModel(model.vocabulary, model.settings, shape, shape.initial(6, 1))
    with pytest.raises(
        DataError, match=r"the model is a feed-forward n-gram model .*, and transformers has no such model"
    ):
        lmkit.export_gpt2(other, tmp_path / "gpt2")
    with pytest.raises(DataError, match=r"folds the case of text .*\nTrain it with --lowercase instead"):
        lmkit.export_gpt2(tiny(settings=TextSettings(unit="character", casefold=True)), tmp_path / "gpt2")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_lacks_tokens_of_its_tokenizer_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    with pytest.raises(DataError, match=r"the model lacks 69\d of the 700 tokens of its tokenizer bpe-700-"):
        lmkit.export_gpt2(tiny(settings=settings_called("bpe")), tmp_path / "gpt2")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"model_type": "llama"}, "the model is of the type llama, and lmkit's transformer has the shape of GPT-2"),
        ({"activation_function": "relu"}, "activation_function is 'relu', where lmkit has 'gelu_new'"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings is False, where lmkit has True"),
        ({"n_inner": 16}, "n_inner is 16, where lmkit has 4 · n_embd = 32"),
        ({"n_head": 3}, "8 dimensions cannot be shared by 3 heads"),
        ({"n_layer": 2}, r"12 of 28 arrays of GPT-2 are missing, the first is transformer\.h\.1\.ln_1\.weight"),
        ({"vocab_size": 7}, r"model\.safetensors: the file is damaged or cut short \(wte\.weight is not \(7, 8\)"),
        (
            {"n_head": 4},
            r"lmkit\.json and the other files do not belong together \(4 heads are those of another model\)",
        ),
    ],
)
def test_folders_of_another_shape_are_refused(folder: Path, values: dict[str, Any], told: str) -> None:
    changed(folder, "config.json", **values)
    with pytest.raises(DataError, match=told):
        lmkit.import_gpt2(folder)


def test_missing_and_half_precision_files_are_told(folder: Path) -> None:
    arrays = load_file(folder / "model.safetensors")
    save_file({name: array.astype(np.float16) for name, array in arrays.items()}, folder / "model.safetensors")
    with pytest.raises(DataError, match=r"of the type F16, and lmkit's are of 32 bits \(F32\)\.\n.*model\.float\(\)"):
        lmkit.import_gpt2(folder)
    for name in ("model.safetensors", "config.json"):
        (folder / name).unlink()
        with pytest.raises(DataError, match=f"cannot read {name} \\(No such file or directory\\)"):
            lmkit.import_gpt2(folder)
    with pytest.raises(DataError, match="there is no such folder"):
        lmkit.import_gpt2(folder / "none")
    with pytest.raises(DataError, match=r"lmkit\.json: this is a file, and a folder is needed"):
        lmkit.import_gpt2(folder / "lmkit.json")


def test_an_end_of_text_is_needed_in_folders_of_others(folder: Path) -> None:
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    (folder / "lmkit.json").unlink()
    changed(folder, "config.json", eos_token_id=None)
    with pytest.raises(
        DataError, match="eos_token_id is None, and a token is needed that ends a text: it is </s> in lmkit"
    ):
        lmkit.import_gpt2(folder)


def test_rows_without_a_token_are_left_out_and_told(folder: Path) -> None:
    """Some programs fill the embeddings up to a round number."""
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    arrays = load_file(folder / "model.safetensors")
    table = arrays["transformer.wte.weight"]
    save_file(arrays | {"transformer.wte.weight": np.concatenate((table, table[:2]))}, folder / "model.safetensors")
    changed(folder, "config.json", vocab_size=8)
    with pytest.raises(DataError, match=r"lmkit\.json and the other files do not belong together"):
        lmkit.import_gpt2(folder)
    (folder / "lmkit.json").unlink()
    with pytest.warns(ModelWarning, match="2 of 8 rows of the embeddings have no token, and are left out"):
        model = lmkit.import_gpt2(folder)
    assert model.vocabulary.words[3:] == [b"a", b"b", b"c"]
    assert np.array_equal(model.parameters["wte.weight"], table)
    changed(folder, "config.json", vocab_size=5)
    save_file(arrays | {"transformer.wte.weight": table[:5].copy()}, folder / "model.safetensors")
    with pytest.raises(DataError, match="the tokenizer has 6 tokens, and the embeddings have 5 rows"):
        lmkit.import_gpt2(folder)


def test_a_token_that_ends_texts_and_is_unknown_is_told(folder: Path) -> None:
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    found = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    changed(folder, "tokenizer.json", model=found["model"] | {"unk_token": "</s>"})
    (folder / "lmkit.json").unlink()
    with pytest.warns(ModelWarning, match="one token for the end of a text and for unknown words"):
        model = lmkit.import_gpt2(folder)
    table = model.parameters["wte.weight"]
    assert np.array_equal(table[0], table[2])


def test_added_tokens_keep_their_rows(folder: Path) -> None:
    """The library numbers them after all others: gaps that marks leave among these must not be filled by them."""
    pytest.importorskip("tokenizers", reason=SUBWORDS)
    arrays = load_file(folder / "model.safetensors")
    table = np.concatenate((arrays["transformer.wte.weight"], np.full((1, 8), 0.5, np.float32)))
    save_file(arrays | {"transformer.wte.weight": table}, folder / "model.safetensors")
    listed = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    changed(folder, "tokenizer.json", added_tokens=[*listed, listed[0] | {"id": 6, "content": "d", "special": False}])
    changed(folder, "config.json", vocab_size=7)
    (folder / "lmkit.json").unlink()
    model = lmkit.import_gpt2(folder)
    assert model.vocabulary.words[3:] == [b"a", b"b", b"c", b"d"]
    assert np.array_equal(model.parameters["wte.weight"], table)
    lmkit.export_gpt2(model, folder.parent / "again")
    assert np.array_equal(lmkit.import_gpt2(folder.parent / "again").parameters.vector, model.parameters.vector)


def test_the_end_of_a_text_is_no_piece_of_a_unigram_tokenizer(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason=SUBWORDS)
    model = model_of(settings_called("unigram"), replace(SHAPE, dimensions=8, heads=2))
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    path = tmp_path / "gpt2" / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"</s>"', '"<|end|>"'), encoding="utf-8")
    (tmp_path / "gpt2" / "lmkit.json").unlink()
    found = lmkit.import_gpt2(tmp_path / "gpt2")
    assert found.vocabulary.words == model.vocabulary.words
    assert found.parameters.vector.tobytes() == model.parameters.vector.tobytes()
    lmkit.export_gpt2(found, tmp_path / "again")
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "again" / "tokenizer.json"))
    assert [tokenizer.encode(line).ids for line in LINES] == [ids_of(model, line) for line in LINES]


@pytest.mark.parametrize("name", ["config.json", "lmkit.json", "tokenizer.json", "model.safetensors"])
def test_damaged_files_of_a_folder_are_told(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    for damaged in (b"", data[: len(data) // 2], b"[]", b"\xff" * 20):
        (folder / name).write_bytes(damaged)
        with pytest.raises(DataError, match=name.replace(".", r"\.")):
            lmkit.import_gpt2(folder)


def test_the_logit_of_a_constant_row_is_the_same_for_all_outputs_of_the_norm() -> None:
    generator = np.random.default_rng(5)
    gain, bias = generator.normal(1, 0.2, 16).astype(np.float32), generator.normal(0, 1, 16).astype(np.float32)
    x = generator.normal(0, 3, (50, 16))
    normal = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    row = constant_row(gain, bias)
    assert row is not None
    assert np.allclose((normal * gain + bias) @ row, -1000, atol=1e-2)
    assert constant_row(gain, np.zeros(16, np.float32)) is None


def test_the_commands_write_a_folder_and_the_file_that_it_was_made_of(tmp_path: Path, lmkit_run: Run) -> None:
    lmkit.save(tiny(), tmp_path / "m.safetensors")
    result = lmkit_run("neural", "export", str(tmp_path / "m.safetensors"), str(tmp_path / "gpt2"))
    assert (result.code, result.err) == (0, f"lmkit: wrote {tmp_path / 'gpt2'}: 968 parameters, 6 types\n")
    result = lmkit_run("neural", "import", str(tmp_path / "gpt2"), "-o", str(tmp_path / "back.safetensors"))
    assert result.code == 0
    assert (tmp_path / "m.safetensors").read_bytes() == (tmp_path / "back.safetensors").read_bytes()


def test_an_ngram_model_is_no_neural_model(tmp_path: Path, lmkit_run: Run, toy_counts: Path) -> None:
    result = lmkit_run("neural", "export", str(toy_counts), str(tmp_path / "gpt2"))
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"lmkit: {toy_counts} holds n-gram counts, and a neural model is needed.\nTrain one: lmkit neural train.\n"
    )
