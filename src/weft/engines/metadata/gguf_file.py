"""What the header of a GGUF file tells, read with llama.cpp's own library.

The keys are those of the GGUF specification (ggml, docs/gguf.md, read 2026-11). A header comes from strangers: whatever
it makes the reader trip over becomes one line that names the file.
"""

from collections.abc import Sequence
from pathlib import Path

import gguf
from gguf.constants import Keys

from weft.engines.metadata.facts import Facts
from weft.engines.weights.choose import quantization_of
from weft.kit.errors import CannotStart

_EMBEDDING = {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "gemma-embedding"}
_CACHE_BYTES = 2
"""Of one number in the cache, which llama.cpp keeps in 16 bits unless it is told otherwise."""
_MAX_TEXT = 1 << 20

Value = str | int | float | bool | None


def read_gguf(path: Path, more: Sequence[Path] = ()) -> Facts:
    """The facts of the model in `path`; `more` are its other parts.

    Raises:
        CannotStart: it is not there, or no GGUF.
    """
    if not path.is_file():
        raise CannotStart(f"{path}: there is no such file")
    header = _Header(_open(path))
    arch = header.text(Keys.General.ARCHITECTURE)
    if not arch:
        raise CannotStart(f"{path}: a GGUF that does not say which architecture it is")
    if arch == "clip":
        raise CannotStart(
            f"{path} is a vision projector", remedy="name the model; what goes with it is found"
        )
    parts = [header, *(_Header(_open(other)) for other in more)]
    return Facts(
        name=header.text(Keys.General.NAME),
        architecture=arch,
        license=header.text(Keys.General.LICENSE),
        context_tokens=header.number(Keys.LLM.CONTEXT_LENGTH.format(arch=arch)),
        parameters_total=sum(part.parameters for part in parts),
        quantization=_quantization(header, path),
        chat_template=header.text(Keys.Tokenizer.CHAT_TEMPLATE),
        size_bytes=sum(file.stat().st_size for file in (path, *more)),
        cache_bytes_per_token=_cache_bytes(header, arch),
        embedding=arch in _EMBEDDING or header.number(f"{arch}.pooling_type") > 0,
    )


def _open(path: Path) -> gguf.GGUFReader:
    try:
        return gguf.GGUFReader(path)
    except (ValueError, LookupError, TypeError, ArithmeticError, MemoryError) as error:
        # What the reader trips over in a broken header is not one error.
        raise CannotStart(
            f"{path}: no GGUF that can be read ({type(error).__name__}: {str(error)[:200]})",
            remedy="download it again",
        ) from error
    except OSError as error:
        raise CannotStart(f"{path}: {error.strerror}") from error


class _Header:
    """Fields by name, of the kinds that are asked for."""

    def __init__(self, reader: gguf.GGUFReader) -> None:
        self._fields = reader.fields
        self.parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)

    def text(self, key: str) -> str:
        """The text under `key`; empty where there is none."""
        value = self._value(key)
        return value[:_MAX_TEXT] if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """The count under `key`; of a list (one for each layer) its largest; 0 where there is none."""
        value = self._value(key)
        numbers = value if isinstance(value, list) else [value]
        counts = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and n > 0]
        return max(counts, default=0)

    def _value(self, key: str) -> Value | list[Value]:
        field = self._fields.get(key)
        try:
            return None if field is None else field.contents()
        except (ValueError, LookupError):  # of a type that this key should not have
            return None


def _quantization(header: _Header, path: Path) -> str:
    """By the file's name, which tells more (`UD-Q4_K_XL`), or else by the header."""
    named = quantization_of(path.name)
    if named:
        return named
    number = header.number(Keys.General.FILE_TYPE)
    known = {kind.value: kind.name for kind in gguf.LlamaFileType}
    return known.get(number, "").removeprefix("MOSTLY_").removeprefix("ALL_").removesuffix("_MOE")


def _cache_bytes(header: _Header, arch: str) -> int:
    """Keys and values of one token in all layers. An upper bound where some layers keep less."""
    layers = header.number(Keys.LLM.BLOCK_COUNT.format(arch=arch))
    heads = header.number(Keys.Attention.HEAD_COUNT.format(arch=arch))
    kv_heads = header.number(Keys.Attention.HEAD_COUNT_KV.format(arch=arch)) or heads
    width = header.number(Keys.LLM.EMBEDDING_LENGTH.format(arch=arch)) // max(1, heads)
    keys = header.number(Keys.Attention.KEY_LENGTH.format(arch=arch)) or width
    values = header.number(Keys.Attention.VALUE_LENGTH.format(arch=arch)) or width
    return layers * kv_heads * (keys + values) * _CACHE_BYTES
