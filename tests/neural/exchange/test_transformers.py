"""Folders that `transformers` opens, and folders that it wrote: ids, logits, probabilities."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.errors import ModelWarning
from lmkit.neural.architectures.transformer import Transformer
from lmkit.neural.windows import Batch
from tests.conftest import CORPORA
from tests.neural.exchange.models import CASES, LINES, TRAIN, ids_of, model_of, settings_called

os.environ.setdefault("HF_HUB_OFFLINE", "1")
torch = pytest.importorskip("torch", reason="pip install 'lmkit[torch]'")
transformers = pytest.importorskip("transformers", reason="pip install transformers, to open what lmkit writes")
tokenizers = pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
pytestmark = pytest.mark.filterwarnings("default")  # what these libraries warn of among themselves

END = "<|endoftext|>"


@pytest.mark.parametrize("case", CASES)
def test_ids_and_logits_are_those_of_lmkit(case: str, tmp_path: Path) -> None:
    model = model_of(settings_called(case))
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "gpt2")
    theirs, told = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "gpt2", output_loading_info=True)
    assert not any(told.values())
    assert tokenizer(LINES)["input_ids"] == [ids_of(model, line) for line in LINES]
    network = model.network()
    assert isinstance(network, Transformer)
    for line in LINES[::50]:
        ids = np.array([ids_of(model, line)[:96]])
        ours = network.output.logits(network.hidden(Batch(ids, ids, None)))
        with torch.no_grad():
            logits = theirs(input_ids=torch.tensor(ids)).logits[0].numpy()
        assert np.abs(ours - logits).max() < 1e-4


@pytest.mark.parametrize("case", ["word", "character", "byte", "bpe", "unigram"])
def test_what_transformers_saves_again_gives_the_same_scores(case: str, tmp_path: Path) -> None:
    """As after training there: what lmkit says of the model is gone, and the tokenizer was written anew."""
    model = model_of(settings_called(case))
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    for kind in (transformers.AutoTokenizer, transformers.AutoModelForCausalLM):
        kind.from_pretrained(tmp_path / "gpt2").save_pretrained(tmp_path / "saved")
    assert not (tmp_path / "saved" / "lmkit.json").exists()
    found, text = lmkit.import_gpt2(tmp_path / "saved"), CORPORA / "fr.test.txt"
    assert found.vocabulary.words[:3] == [b"</s>", b"<s>", b"<unk>"]
    assert lmkit.perplexity(found, text).perplexity == lmkit.perplexity(model, text).perplexity


def test_generate_never_says_the_mark_of_a_beginning(tmp_path: Path) -> None:
    model = model_of(settings_called("character"))
    model.parameters["wte.weight"][1] = 100 * model.parameters["wte.weight"][5]  # <s> would be said everywhere
    lmkit.export_gpt2(model, tmp_path / "gpt2")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "gpt2")
    torch.manual_seed(1)
    said = theirs.generate(input_ids=torch.tensor([[1]]), do_sample=True, max_new_tokens=60, num_return_sequences=4)
    assert 1 not in said[:, 1:]


def gpt2_folder(folder: Path) -> Any:
    """A folder as `transformers` writes it: byte-level BPE, one token for both ends of a text, random parameters; its model."""
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    trained.train([str(TRAIN)], trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=trained, bos_token=END, eos_token=END, unk_token=END
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    end = tokenizer.convert_tokens_to_ids(END)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_positions=128, n_embd=48, n_layer=2, n_head=6, bos_token_id=end, eos_token_id=end
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():  # as if it were trained
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    model.save_pretrained(folder)
    return model


def test_a_folder_of_transformers_gives_its_probabilities(tmp_path: Path) -> None:
    """</s> and <s> are one token there: with <s> left out of lmkit's softmax, and <unk> at nothing, all other probabilities are theirs."""
    theirs = gpt2_folder(tmp_path / "gpt2")
    with pytest.warns(
        ModelWarning, match=r"no token for unknown words; <unk> gets a row of its own: its logit is -1000"
    ):
        model = lmkit.import_gpt2(tmp_path / "gpt2")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "gpt2")
    assert len(model.vocabulary) == len(tokenizer) + 2
    for line in LINES[::30]:
        (tokens,) = lmkit.tokenize(line, model.settings)
        ids = tokenizer(line)["input_ids"]
        assert [token.encode() for token in tokens] == [
            token.encode() for token in tokenizer.convert_ids_to_tokens(ids)
        ]
        end = tokenizer.eos_token_id
        with torch.no_grad():
            logs = torch.log_softmax(theirs(input_ids=torch.tensor([[end, *ids]])).logits[0].double(), -1).numpy()
        expected = logs[np.arange(len(ids) + 1), [*ids, end]]
        padded = np.array([1, *map(model.vocabulary.id_of, tokens), 0], np.int32)
        assert np.abs(model.network().log_probs(padded) - expected).max() < 1e-4
    assert model.vocabulary.id_of(END) == 2  # it is no text


def test_a_folder_of_transformers_leaves_again_with_the_same_scores(tmp_path: Path) -> None:
    gpt2_folder(tmp_path / "gpt2")
    with pytest.warns(ModelWarning, match="no token for unknown words"):
        model = lmkit.import_gpt2(tmp_path / "gpt2")
    lmkit.export_gpt2(model, tmp_path / "again")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    assert tokenizer(LINES)["input_ids"] == [ids_of(model, line) for line in LINES]
    back = lmkit.import_gpt2(tmp_path / "again")
    assert back.parameters.vector.tobytes() == model.parameters.vector.tobytes()
    assert back.settings == model.settings
