"""PEFT to GGUF: the same numbers, read back by the gguf package; experts stacked; earlier states removed."""

from pathlib import Path

import gguf
import numpy as np

from adapters import RANK, TINY_GGUF, in_gguf_order, tiny_numbers, write_peft
from weft.catalog.adapters.folder import AdapterFolder
from weft.catalog.adapters.types import Adapter, AdapterName
from weft.engines.adapters.convert import convert, converted_path
from weft.engines.adapters.gguf import GgufHead, read_gguf_head


def find(root: Path) -> Adapter:
    adapter = AdapterFolder(root).find("loom", "cloth", AdapterName("pirate"))
    assert adapter is not None
    return adapter


def test_adapter_when_converted_then_has_the_same_numbers(tmp_path: Path) -> None:
    numbers = tiny_numbers()
    folder = write_peft(tmp_path / "v1", numbers, dtype=np.float16)
    path = tmp_path / "out.gguf"
    convert(folder, read_gguf_head(TINY_GGUF), path)
    reader = gguf.GGUFReader(path)
    told = {
        name: reader.fields[name].contents()
        for name in ("general.type", "general.architecture", "adapter.type", "adapter.lora.alpha")
    }
    assert list(told.values()) == ["adapter", "llama", "lora", 8.0]
    found = {tensor.name: tensor.data for tensor in reader.tensors}
    assert len(found) == 2 * len(numbers)
    a, b = numbers["model.layers.2.self_attn.k_proj"]
    name = "blk.2.attn_k.weight"
    assert np.array_equal(found[f"{name}.lora_a"], a.astype(np.float16))
    assert np.array_equal(found[f"{name}.lora_b"], in_gguf_order(name, b).astype(np.float16))
    assert not np.array_equal(found[f"{name}.lora_b"], b.astype(np.float16))
    a, b = numbers["model.layers.0.mlp.down_proj"]
    assert np.array_equal(found["blk.0.ffn_down.weight.lora_b"], b.astype(np.float16))


def test_experts_when_some_are_missing_then_are_zero(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    numbers = {
        f"model.layers.0.mlp.experts.{number}.up_proj": (
            random.normal(size=(RANK, 8)).astype(np.float32),
            random.normal(size=(6, RANK)).astype(np.float32),
        )
        for number in (2, 0)
    }
    head = GgufHead({"general.architecture": "qwen3moe"}, {"blk.0.ffn_up_exps.weight": (8, 6, 3)})
    path = tmp_path / "out.gguf"
    convert(write_peft(tmp_path / "v1", numbers), head, path)
    b = next(
        tensor
        for tensor in gguf.GGUFReader(path).tensors
        if tensor.name == "blk.0.ffn_up_exps.weight.lora_b"
    )
    assert b.data.shape == (3, 6, RANK)
    assert np.array_equal(b.data[2], numbers["model.layers.0.mlp.experts.2.up_proj"][1])
    assert not b.data[1].any()


def test_adapter_when_changed_then_the_file_of_its_earlier_state_goes(tmp_path: Path) -> None:
    folder, head = tmp_path / "loom" / "cloth" / "pirate" / "v1", read_gguf_head(TINY_GGUF)
    write_peft(folder)
    first = converted_path(find(tmp_path))
    convert(folder, head, first)
    write_peft(folder, tiny_numbers(2))
    second = converted_path(find(tmp_path))
    convert(folder, head, second)
    assert first != second
    assert list(folder.glob("*.gguf")) == [second]
    assert not list(folder.glob(".adapter-*"))
