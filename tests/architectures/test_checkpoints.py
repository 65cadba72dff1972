"""The checkpoints are what they say they are, and the same each time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import gguf
import numpy as np
import pytest
from gguf import GGUFReader
from safetensors import safe_open
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.make import Checkpoint, make
from transformers import AutoConfig

from weft.catalog.load import load_catalog

MOST_BYTES = 4_000_000
DEMO = "weft/tiny-chat"
KINDS = {
    "llama-3": ("llama", "LlamaForCausalLM", "llama-bpe"),
    "qwen3-instruct": ("qwen3moe", "Qwen3MoeForCausalLM", "qwen2"),
    "qwen3-thinking": ("qwen3moe", "Qwen3MoeForCausalLM", "qwen2"),
    "qwen3-coder": ("qwen3moe", "Qwen3MoeForCausalLM", "qwen2"),
    "gpt-oss": ("gpt-oss", "GptOssForCausalLM", "gpt-4o"),
    "deepseek-v3": ("deepseek2", "DeepseekV3ForCausalLM", "deepseek-v3"),
    "deepseek-r1": ("deepseek2", "DeepseekV3ForCausalLM", "deepseek-v3"),
    "kimi-k2": ("deepseek2", "DeepseekV3ForCausalLM", "kimi-k2"),
    "llama-4-scout": ("llama4", "Llama4ForConditionalGeneration", "llama4"),
    "phi-4-mini": ("phi3", "Phi3ForCausalLM", "gpt-4o"),
}


class Gguf:
    """A file as the `gguf` package reads it; its types are partly unknown."""

    def __init__(self, path: Path) -> None:
        self._reader = cast("Any", GGUFReader)(path)

    def __getitem__(self, key: str) -> Any:
        return self._reader.get_field(key).contents()

    def numbers(self, name: str) -> Any:
        """A tensor, unpacked."""
        (tensor,) = [tensor for tensor in self._reader.tensors if tensor.name == name]
        unpack: Callable[..., Any] = cast("Any", gguf).dequantize
        return unpack(tensor.data, tensor.tensor_type)

    @property
    def names(self) -> set[str]:
        """Of all tensors."""
        return {tensor.name for tensor in self._reader.tensors}


def test_families_when_listed_then_each_model_of_the_catalog_belongs_to_one() -> None:
    models = [model for family in FAMILIES.values() for model in family.models]
    shipped = {card.id for card in load_catalog().cards}
    assert len(models) == len(set(models))
    assert set(models) == shipped - {DEMO}


def test_families_when_listed_then_their_kinds_are_told() -> None:
    assert KINDS.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", FAMILIES)
def test_checkpoint_when_made_again_then_each_byte_is_the_same(
    checkpoint: Callable[[str], Checkpoint], family: str, tmp_path: Path
) -> None:
    first, second = checkpoint(family), make(family, tmp_path)
    assert second.gguf.read_bytes() == first.gguf.read_bytes()
    assert second.gguf.stat().st_size <= MOST_BYTES
    for file in first.hf.iterdir():
        assert (second.hf / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize("family", FAMILIES)
def test_config_when_read_then_transformers_knows_the_architecture(
    checkpoint: Callable[[str], Checkpoint], family: str
) -> None:
    config = AutoConfig.from_pretrained(checkpoint(family).hf)
    assert config.architectures == [KINDS[family][1]]
    tokens = json.loads((checkpoint(family).hf / "tokenizer.json").read_text())
    size = len(tokens["model"]["vocab"]) + len(tokens["added_tokens"])
    assert config.get_text_config().vocab_size == size


@pytest.mark.parametrize("family", FAMILIES)
def test_gguf_when_read_then_it_names_architecture_split_and_template(
    checkpoint: Callable[[str], Checkpoint], family: str
) -> None:
    file = Gguf(checkpoint(family).gguf)
    architecture, _, pre = KINDS[family]
    assert file["general.architecture"] == architecture
    assert file["tokenizer.ggml.pre"] == pre
    assert file["tokenizer.chat_template"] == FAMILIES[family].template_text
    assert len(file["tokenizer.ggml.tokens"]) == file[f"{architecture}.vocab_size"]


@pytest.mark.parametrize("part", ["down_proj", "gate_up_proj"])
def test_mxfp4_when_converted_then_both_files_hold_the_same_numbers(
    checkpoint: Callable[[str], Checkpoint], part: str
) -> None:
    files = checkpoint("gpt-oss")
    with cast("Any", safe_open)(files.hf / "model.safetensors", "numpy") as tensors:
        blocks = tensors.get_tensor(f"model.layers.1.mlp.experts.{part}_blocks")
        scales = tensors.get_tensor(f"model.layers.1.mlp.experts.{part}_scales")
    published = numbers_of(blocks, scales)
    file = Gguf(files.gguf)
    if part == "down_proj":
        assert np.array_equal(file.numbers("blk.1.ffn_down_exps.weight"), published)
    else:
        assert np.array_equal(file.numbers("blk.1.ffn_gate_exps.weight"), published[:, ::2])
        assert np.array_equal(file.numbers("blk.1.ffn_up_exps.weight"), published[:, 1::2])


def numbers_of(blocks: Any, scales: Any) -> Any:
    """By the OCP Microscaling specification: E2M1 numbers, low half of a byte first, times a power of two."""
    values = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], np.float32)
    table = np.concatenate((values, -values))
    pairs = np.stack((table[blocks & 0x0F], table[blocks >> 4]), axis=-1)
    powers = np.exp2(scales.astype(np.float32) - 127)
    return (pairs.reshape(*scales.shape, 32) * powers[..., None]).reshape(*scales.shape[:2], -1)


def test_vision_when_written_then_text_and_tower_are_two_files(
    checkpoint: Callable[[str], Checkpoint],
) -> None:
    files = checkpoint("llama-4-scout")
    assert files.mmproj is not None
    tower = Gguf(files.mmproj)
    assert tower["general.architecture"] == "clip"
    assert tower["clip.projector_type"] == "llama4"
    assert all(name.startswith(("v.", "mm.")) for name in tower.names)
    assert not any(name.startswith(("v.", "mm.")) for name in Gguf(files.gguf).names)
