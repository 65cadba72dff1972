"""Reads the head of a GGUF file, and writes a small one: as much of the format as adapters need.

The format is that of ggml's docs/gguf.md, version 3 (read 2026-11). Knows no model and no adapter. Invariant: a broken
or hostile file ends in `BadGguf` and not in a crash or in memory that is never enough, because every length is checked
against the file's own.
"""

import mmap
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
VERSION = 3
ALIGNMENT = 32
TENSOR_TYPES = {"F32": 0, "F16": 1, "BF16": 30}
"""GGML's numbers for the types that safetensors calls so."""
MAX_KEPT_ARRAY = 1024
"""Longer lists, such as a vocabulary, are passed over."""
MAX_PARTS = 1000

_U32, _STRING, _ARRAY, _F32 = 4, 8, 9, 6
_SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_COUNT = struct.Struct("<Q")
_SMALL = struct.Struct("<I")
_PART = re.compile(r"(.*-)(\d{5})-of-(\d{5})\.gguf")

Value = str | int | float | bool | tuple[int | float | bool, ...]


class BadGguf(ValueError):
    """The file is no GGUF file of a version that is known, or it is broken."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What a model's file says about itself, before the numbers."""

    values: Mapping[str, Value]
    """Without texts' and long lists' arrays."""
    tensors: Mapping[str, tuple[int, ...]]
    """The sides of each, the one that lies together in memory first."""

    @property
    def architecture(self) -> str:
        """`llama`."""
        return str(self.values.get("general.architecture", ""))

    def number(self, key: str) -> int:
        """A whole number of the architecture: `number("attention.head_count")`; 0 where it is not said."""
        value = self.values.get(f"{self.architecture}.{key}", 0)
        if isinstance(value, tuple):  # one for each layer: only of use where they agree
            value = value[0] if len(set(value)) == 1 else 0
        return int(value) if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class NewTensor:
    """One tensor to write."""

    name: str
    dtype: str
    """A key of `TENSOR_TYPES`."""
    sides: tuple[int, ...]
    """The one that lies together in memory first."""
    chunks: Iterable[bytes]
    """Its numbers."""
    size_bytes: int


def read_gguf_head(path: Path) -> GgufHead:
    """The head of `path`; of all its parts, where a model is split into several files.

    Raises:
        BadGguf: it is broken.
        OSError: it cannot be read.
    """
    first = _read_one(path)
    tensors = dict(first.tensors)
    for part in _other_parts(path):
        tensors.update(_read_one(part).tensors)
    return GgufHead(first.values, tensors)


def model_head(path: Path) -> GgufHead:
    """The head of a model's file, read once and again after a change.

    Raises:
        BadGguf: it is broken.
        OSError: it cannot be read.
    """
    stat = path.stat()
    return _kept_head(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _kept_head(path: Path, _size: int, _mtime_ns: int) -> GgufHead:
    return read_gguf_head(path)


def write_gguf(
    file: BinaryIO, values: Mapping[str, str | float], tensors: Sequence[NewTensor]
) -> None:
    """Write a whole file: texts and 32-bit numbers, then the tensors one after another."""
    file.write(MAGIC + _SMALL.pack(VERSION) + _COUNT.pack(len(tensors)) + _COUNT.pack(len(values)))
    for key, value in values.items():
        file.write(_text(key))
        if isinstance(value, str):
            file.write(_SMALL.pack(_STRING) + _text(value))
        else:
            file.write(_SMALL.pack(_F32) + _SCALARS[_F32].pack(value))
    offset = 0
    for tensor in tensors:
        sides = b"".join(_COUNT.pack(side) for side in tensor.sides)
        file.write(_text(tensor.name) + _SMALL.pack(len(tensor.sides)) + sides)
        file.write(_SMALL.pack(TENSOR_TYPES[tensor.dtype]) + _COUNT.pack(offset))
        offset += _padded(tensor.size_bytes)
    file.write(bytes(_padded(file.tell()) - file.tell()))
    for tensor in tensors:
        begun = file.tell()
        file.writelines(tensor.chunks)
        assert file.tell() - begun == tensor.size_bytes, tensor.name
        file.write(bytes(_padded(tensor.size_bytes) - tensor.size_bytes))


def _read_one(path: Path) -> GgufHead:
    with path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return _Reader(view).head()
        except (ValueError, struct.error, UnicodeDecodeError) as error:
            raise BadGguf(
                f"{path.name} is no GGUF file that is known here, or is broken"
            ) from error


def _other_parts(path: Path) -> Iterator[Path]:
    found = _PART.fullmatch(path.name)
    if found is None or not 1 < int(found[3]) <= MAX_PARTS:
        return
    for number in range(1, int(found[3]) + 1):
        part = path.with_name(f"{found[1]}{number:05}-of-{found[3]}.gguf")
        if part != path:
            yield part


class _Reader:
    """Walks through a head; whatever lies beyond the file's end raises."""

    def __init__(self, view: mmap.mmap) -> None:
        self._view = view
        self._at = 0

    def head(self) -> GgufHead:
        if self._take(len(MAGIC)) != MAGIC or self._number(_SMALL) not in {2, VERSION}:
            raise ValueError("no GGUF")
        tensors, values = self._count(), self._count()
        table: dict[str, Value] = {}
        for _ in range(values):
            key = self._string()
            value = self._value(self._number(_SMALL))
            if value is not None:
                table[key] = value
        shapes: dict[str, tuple[int, ...]] = {}
        for _ in range(tensors):
            name = self._string()
            sides = tuple(self._number(_COUNT) for _ in range(self._number(_SMALL)))
            self._take(_SMALL.size + _COUNT.size)
            shapes[name] = sides
        return GgufHead(table, shapes)

    def _value(self, kind: int) -> Value | None:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._scalar(kind)
        inner, length = self._number(_SMALL), self._count()
        if inner == _STRING:
            self._pass_strings(length)
            return None
        if inner not in _SCALARS:
            raise ValueError("an unknown type")
        if length > MAX_KEPT_ARRAY:
            self._take(_SCALARS[inner].size * length)
            return None
        return tuple(self._scalar(inner) for _ in range(length))

    def _pass_strings(self, count: int) -> None:
        """A vocabulary: hundreds of thousands of texts, so nothing is done that need not be."""
        view, at, end, unpack = self._view, self._at, len(self._view), _COUNT.unpack_from
        for _ in range(count):
            at += _COUNT.size + unpack(view, at)[0]
            if at > end:
                raise ValueError("beyond the end")
        self._at = at

    def _scalar(self, kind: int) -> int | float | bool:
        if kind not in _SCALARS:
            raise ValueError("an unknown type")
        return self._number(_SCALARS[kind])

    def _string(self) -> str:
        return self._take(self._count()).decode()

    def _count(self) -> int:
        """A length, which no file has more of than bytes."""
        count = self._number(_COUNT)
        if count > len(self._view):
            raise ValueError("beyond the end")
        return count

    def _number(self, form: struct.Struct) -> int:
        (number,) = form.unpack(self._take(form.size))
        return number

    def _take(self, size: int) -> bytes:
        taken = self._view[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("beyond the end")
        self._at += size
        return taken


def _text(text: str) -> bytes:
    raw = text.encode()
    return _COUNT.pack(len(raw)) + raw


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
