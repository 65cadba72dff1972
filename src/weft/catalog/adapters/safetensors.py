"""Reads the head of a safetensors file: which tensors there are, and where. Never the tensors themselves.

Eight bytes with the length of a JSON object, the object, then the data; offsets count from the data's start (the
format's own description, github.com/huggingface/safetensors, read 2026-11). Invariant: every tensor that is told lies
within the file, and its length fits its shape and type.
"""

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

import msgspec

MAX_HEAD_BYTES = 32 * 1024 * 1024
"""A third of what the format allows: 100,000 tensors."""
WIDTHS = {"F32": 4, "F16": 2, "BF16": 2}
"""Bytes of a number, of each type that an adapter may have."""
_LENGTH = struct.Struct("<Q")


class BadSafetensors(ValueError):
    """The file is not what it should be; the message is a part of a sentence."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor of a file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    """Where its data begin, from the file's first byte."""
    size_bytes: int


class _Entry(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_head(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a file by their names.

    Raises:
        BadSafetensors: it is no such file, or it is broken.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(_LENGTH.size)
        if len(first) < _LENGTH.size:
            raise BadSafetensors("is no safetensors file")
        (length,) = _LENGTH.unpack(first)
        if length > min(MAX_HEAD_BYTES, size - _LENGTH.size):
            raise BadSafetensors("is no safetensors file, or is cut off")
        head = file.read(length)
    try:
        entries = msgspec.json.decode(head, type=dict[str, msgspec.Raw])
        entries.pop("__metadata__", None)
        tensors = {name: msgspec.json.decode(raw, type=_Entry) for name, raw in entries.items()}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSafetensors("has a head that is no list of tensors") from error
    data_at = _LENGTH.size + length
    return {name: _stored(name, entry, data_at, size) for name, entry in tensors.items()}


def _stored(name: str, entry: _Entry, data_at: int, size: int) -> StoredTensor:
    width = WIDTHS.get(entry.dtype)
    if width is None:
        raise BadSafetensors(
            f"has numbers of the type {entry.dtype[:20]} in {name[:200]}; F32, F16 or BF16 is needed"
        )
    begin, end = entry.data_offsets
    fits = all(side > 0 for side in entry.shape) and prod(entry.shape) * width == end - begin
    if begin < 0 or not fits or data_at + end > size:
        raise BadSafetensors(f"is broken or cut off at {name[:200]}")
    return StoredTensor(entry.dtype, tuple(entry.shape), data_at + begin, end - begin)
