"""The head of a GGUF file: read as the gguf package wrote it, written so that it reads it, and refused when broken."""

import contextlib
import io
import shutil
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import TINY_GGUF
from weft.engines.adapters.gguf import BadGguf, NewTensor, read_gguf_head, write_gguf


def test_head_when_read_then_is_what_the_gguf_package_reads() -> None:
    head, reader = read_gguf_head(TINY_GGUF), gguf.GGUFReader(TINY_GGUF)
    assert head.architecture == "llama"
    assert head.number("attention.head_count_kv") == 2
    assert head.number("attention.nothing") == 0
    assert head.tensors == {
        tensor.name: tuple(int(side) for side in tensor.shape) for tensor in reader.tensors
    }
    scalars = {
        field.name: field.contents()
        for field in reader.fields.values()
        if len(field.types) == 1 and not field.name.startswith("GGUF.")
    }
    assert {key: head.values[key] for key in scalars} == scalars


def test_model_when_in_parts_then_all_tensors_are_seen(tmp_path: Path) -> None:
    first = tmp_path / "tiny-00001-of-00002.gguf"
    shutil.copy(TINY_GGUF, first)
    with (tmp_path / "tiny-00002-of-00002.gguf").open("wb") as file:
        write_gguf(file, {}, [NewTensor("blk.4.attn_q.weight", "F32", (2, 1), [bytes(8)], 8)])
    head = read_gguf_head(first)
    assert head.architecture == "llama"
    assert head.tensors["blk.4.attn_q.weight"] == (2, 1)
    assert "blk.3.attn_q.weight" in head.tensors


def test_file_when_written_then_the_gguf_package_reads_it(tmp_path: Path) -> None:
    numbers = np.arange(15, dtype=np.float32).reshape(3, 5)
    halves = np.arange(6, dtype=np.float16).reshape(1, 2, 3)
    path = tmp_path / "some.gguf"
    with path.open("wb") as file:
        write_gguf(
            file,
            {"general.architecture": "llama", "adapter.lora.alpha": 2.5},
            [
                NewTensor("a", "F32", (5, 3), [numbers[:1].tobytes(), numbers[1:].tobytes()], 60),
                NewTensor("b", "F16", (3, 2, 1), [halves.tobytes()], 12),
            ],
        )
    reader = gguf.GGUFReader(path)
    assert reader.fields["adapter.lora.alpha"].contents() == 2.5
    a, b = reader.tensors
    assert np.array_equal(a.data, numbers)
    assert np.array_equal(b.data, halves)


@pytest.mark.parametrize("length", [0, 3, 4, 23, 24, 100, 5000])
def test_head_when_cut_off_then_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(TINY_GGUF.read_bytes()[:length])
    with pytest.raises(BadGguf):
        read_gguf_head(path)


@given(at=st.integers(0, 40_000), byte=st.binary(min_size=1, max_size=8))
@settings(max_examples=80)
def test_head_when_some_bytes_are_wrong_then_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: bytes
) -> None:
    raw = bytearray(TINY_GGUF.read_bytes()[:60_000])
    raw[at : at + len(byte)] = byte
    path = tmp_path_factory.mktemp("odd") / "odd.gguf"
    path.write_bytes(raw)
    with contextlib.suppress(BadGguf):
        read_gguf_head(path)


def test_file_when_its_numbers_are_of_another_length_then_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        write_gguf(io.BytesIO(), {}, [NewTensor("a", "F32", (2,), [bytes(4)], 8)])
