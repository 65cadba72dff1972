"""Reading an adapter: what its files may say, and the words for each mistake."""

import contextlib
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import RANK, tiny_numbers, write_peft
from weft.catalog.adapters.fit import check_fit
from weft.catalog.adapters.folder import AdapterFolder
from weft.catalog.adapters.peft import CONFIG, WEIGHTS, read_peft
from weft.catalog.adapters.safetensors import BadSafetensors, read_head
from weft.catalog.adapters.types import Adapter, AdapterName, AdapterUnusable, Unusable
from weft.catalog.load import load_catalog

NAMED = "loom/cloth/pirate@v1"
SMALL = {"self_attn.q_proj": "attn_q"}


def reason_of(folder: Path) -> tuple[Unusable, str]:
    with pytest.raises(AdapterUnusable) as caught:
        read_peft(folder, NAMED)
    error = caught.value
    assert error.metadata["remedy"]
    assert NAMED in error.message
    return Unusable(str(error.metadata["reason"])), error.message


def test_adapter_when_as_peft_writes_it_then_is_read(tmp_path: Path) -> None:
    peft = read_peft(write_peft(tmp_path), NAMED)
    assert (peft.base_model, peft.rank, peft.alpha) == ("weft/tiny-chat", RANK, 8)
    module = next(one for one in peft.modules if one.path == "model.layers.3.mlp.down_proj")
    assert (module.rank, module.inputs, module.outputs) == (RANK, 704, 256)
    assert len(peft.modules) == 28


def test_adapter_when_its_metadata_names_the_base_then_that_counts(tmp_path: Path) -> None:
    write_peft(tmp_path, base="/home/ada/downloads/tiny")
    (tmp_path / "metadata.json").write_text('{"wandb.base_model": "weft/tiny-chat", "more": [1]}')
    assert read_peft(tmp_path, NAMED).base_model == "weft/tiny-chat"


def test_rank_stabilised_adapter_when_read_then_its_scale_is_by_the_root_of_the_rank(
    tmp_path: Path,
) -> None:
    peft = read_peft(write_peft(tmp_path, use_rslora=True), NAMED)
    assert math.isclose(peft.alpha / peft.rank, 8 / math.sqrt(RANK))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("peft_type", "IA3"),
        ("bias", "all"),
        ("use_dora", True),
        ("fan_in_fan_out", True),
        ("lora_bias", True),
        ("init_lora_weights", "pissa_niter_16"),
        ("modules_to_save", ["lm_head"]),
        ("target_parameters", ["mlp.experts.gate_up_proj"]),
        ("alpha_pattern", {"q_proj": 4}),
    ],
)
def test_adapter_when_a_setting_changes_what_its_numbers_mean_then_is_refused_by_name(
    tmp_path: Path, setting: str, value: Any
) -> None:
    reason, message = reason_of(
        write_peft(tmp_path, tiny_numbers(modules=SMALL), **{setting: value})
    )
    assert reason is Unusable.UNSUPPORTED_SETTING
    assert setting in message


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_adapter_when_a_file_is_missing_then_names_it(tmp_path: Path, name: str) -> None:
    write_peft(tmp_path, tiny_numbers(modules=SMALL))
    (tmp_path / name).unlink()
    reason, message = reason_of(tmp_path)
    assert reason is Unusable.BAD_FILE
    assert name in message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (CONFIG, b"{"),
        (CONFIG, b"\xff\xfe"),
        (CONFIG, b'{"peft_type": "LORA", "r": "four"}'),
        (CONFIG, b'{"peft_type": "LORA", "lora_alpha": 0, "base_model_name_or_path": "a"}'),
        (CONFIG, b'{"peft_type": "LORA"}'),
        (CONFIG, b" " * (1024 * 1024 + 1)),
        (WEIGHTS, b""),
        (WEIGHTS, b"version https://git-lfs.github.com/spec/v1\n"),
        (WEIGHTS, struct.pack("<Q", 2) + b"{}"),
        (WEIGHTS, struct.pack("<Q", 4) + b"[1]  "),
        ("metadata.json", b"[]"),
    ],
)
def test_adapter_when_a_file_is_broken_then_names_it(
    tmp_path: Path, name: str, content: bytes
) -> None:
    write_peft(tmp_path, tiny_numbers(modules=SMALL))
    (tmp_path / name).write_bytes(content)
    reason, message = reason_of(tmp_path)
    assert reason is Unusable.BAD_FILE
    assert name in message


def test_weights_when_cut_off_then_are_refused(tmp_path: Path) -> None:
    write_peft(tmp_path, tiny_numbers(modules=SMALL))
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes()[:-4])
    assert reason_of(tmp_path)[0] is Unusable.BAD_FILE


def test_weights_when_of_whole_numbers_then_the_type_is_named(tmp_path: Path) -> None:
    reason, message = reason_of(write_peft(tmp_path, tiny_numbers(modules=SMALL), dtype=np.int8))
    assert reason is Unusable.BAD_FILE
    assert "I8" in message


def test_weights_when_half_of_a_module_is_missing_then_names_it(tmp_path: Path) -> None:
    write_peft(tmp_path, tiny_numbers(modules=SMALL))
    path = tmp_path / WEIGHTS
    path.write_bytes(
        path.read_bytes().replace(
            b"layers.2.self_attn.q_proj.lora_B", b"layers.9.self_attn.q_proj.lora_B"
        )
    )
    reason, message = reason_of(tmp_path)
    assert reason is Unusable.BAD_FILE
    assert "one half" in message


def test_weights_when_they_hold_something_else_then_names_it(tmp_path: Path) -> None:
    write_peft(tmp_path, tiny_numbers(modules=SMALL))
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes().replace(b"q_proj.lora_B.weight", b"q_proj.lora_B.weighs"))
    reason, message = reason_of(tmp_path)
    assert reason is Unusable.UNSUPPORTED_SETTING
    assert "weighs" in message


@given(raw=st.binary(max_size=300), length=st.none() | st.integers(0, 2**64 - 1))
@settings(max_examples=60)
def test_safetensors_when_of_any_bytes_then_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, length: int | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(raw if length is None else struct.pack("<Q", length) + raw)
    with contextlib.suppress(BadSafetensors):
        read_head(path)


@given(
    shape=st.lists(st.integers(-(2**62), 2**62), max_size=3),
    offsets=st.tuples(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62)),
)
@settings(max_examples=60)
def test_safetensors_when_a_tensor_is_told_then_it_lies_within_the_file(
    tmp_path_factory: pytest.TempPathFactory, shape: list[int], offsets: tuple[int, int]
) -> None:
    path = tmp_path_factory.mktemp("told") / "file"
    head = json.dumps({"a": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + bytes(64))
    try:
        tensor = read_head(path)["a"]
    except BadSafetensors:
        return
    assert 0 < tensor.start <= tensor.start + tensor.size_bytes <= path.stat().st_size


def find(root: Path) -> Adapter:
    adapter = AdapterFolder(root).find("loom", "cloth", AdapterName("pirate"))
    assert adapter is not None
    return adapter


@pytest.mark.parametrize(
    ("model", "base", "rank", "reason"),
    [
        ("weft/tiny-chat", "openai/gpt-oss-20b", 4, Unusable.WRONG_BASE),
        ("weft/tiny-chat", "Weft/Tiny-Chat", 4, Unusable.WRONG_BASE),
        ("weft/tiny-chat", "weft/tiny-chat", 65, Unusable.RANK_TOO_HIGH),
        (
            "meta-llama/Llama-3.1-8B-Instruct",
            "meta-llama/Llama-3.1-8B-Instruct",
            17,
            Unusable.RANK_TOO_HIGH,
        ),
        (
            "moonshotai/Kimi-K2-Instruct",
            "moonshotai/Kimi-K2-Instruct",
            4,
            Unusable.BASE_WITHOUT_LORA,
        ),
    ],
)
def test_adapter_when_it_does_not_fit_the_model_then_is_refused_with_what_to_do(
    tmp_path: Path, model: str, base: str, rank: int, reason: Unusable
) -> None:
    write_peft(tmp_path / "loom/cloth/pirate/v1", tiny_numbers(modules=SMALL, rank=rank), base=base)
    with pytest.raises(AdapterUnusable) as caught:
        check_fit(find(tmp_path), load_catalog().get(model))
    assert caught.value.metadata["reason"] == reason
    assert caught.value.metadata["remedy"]
    assert caught.value.status == 400


def test_adapter_when_of_the_highest_rank_then_fits(tmp_path: Path) -> None:
    write_peft(tmp_path / "loom/cloth/pirate/v1", tiny_numbers(modules=SMALL, rank=64))
    check_fit(find(tmp_path), load_catalog().get("weft/tiny-chat"))
