"""From PEFT's safetensors to the GGUF file that llama.cpp loads, written once and kept beside the adapter.

Moves bytes and changes no number: A and B lie in both formats as they are, in the same types. Only two things change:
experts are stacked, zeros for those that the adapter leaves alone; and in the architecture `llama` the rows of queries
and keys are reordered, because GGUF pairs the two halves of each head for its rotary embedding (`LlamaModel.permute` in
llama.cpp's convert_hf_to_gguf.py, read 2026-11). Keys of the file as in llama.cpp's convert_lora_to_gguf.py.
Invariant: the file appears whole or not at all, so that two processes may write it at the same time.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from weft.catalog.adapters.peft import WEIGHTS, read_peft
from weft.catalog.adapters.safetensors import StoredTensor, read_head
from weft.catalog.adapters.types import Adapter
from weft.engines.adapters.gguf import GgufHead, NewTensor, write_gguf
from weft.engines.adapters.modules import Target, find_targets

_PREFIX = "base_model.model."


def converted_path(adapter: Adapter) -> Path:
    """Where the file for llama.cpp lies, or will; another one after a change of the adapter."""
    return adapter.folder / f"adapter-{adapter.stamp}.gguf"


def convert(folder: Path, head: GgufHead, path: Path) -> None:
    """Write the adapter in `folder` to `path`, for the model with this head; removes those of earlier states.

    Raises:
        AdapterUnusable: it does not fit the model, or is broken.
        OSError: the folder of `path` cannot be written.
    """
    peft = read_peft(folder, folder.name)
    weights = folder / WEIGHTS
    stored = read_head(weights)
    targets = find_targets(peft, head, folder.name)
    tensors = [tensor for target in targets for tensor in _tensors(target, stored, weights)]
    values: dict[str, str | float] = {
        "general.type": "adapter",
        "general.architecture": head.architecture,
        "adapter.type": "lora",
        "adapter.lora.alpha": peft.alpha,
    }
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".adapter-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            write_gguf(file, values, tensors)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    for old in path.parent.glob("adapter-????????.gguf"):
        if old != path:
            old.unlink(missing_ok=True)


def _tensors(target: Target, stored: dict[str, StoredTensor], weights: Path) -> Iterator[NewTensor]:
    for half in ("A", "B"):
        parts = {
            expert: stored[f"{_PREFIX}{module.path}.lora_{half}.weight"]
            for expert, module in target.modules
        }
        first = next(iter(parts.values()))
        outer, inner = first.shape
        stack = (target.experts,) if target.experts else ()
        yield NewTensor(
            name=f"{target.tensor}.weight.lora_{half.lower()}",
            dtype=first.dtype,
            sides=(inner, outer, *stack),
            chunks=_chunks(parts, max(target.experts, 1), weights, target.heads * (half == "B")),
            size_bytes=first.size_bytes * max(target.experts, 1),
        )


def _chunks(
    parts: dict[int, StoredTensor], count: int, weights: Path, heads: int
) -> Iterator[bytes]:
    size = next(iter(parts.values())).size_bytes
    with weights.open("rb") as file:
        for number in range(count):
            part = parts.get(number)
            if part is None:
                yield bytes(size)
                continue
            file.seek(part.start)
            raw = file.read(part.size_bytes)
            yield _paired(raw, rows=part.shape[0], heads=heads) if heads else raw


def _paired(raw: bytes, *, rows: int, heads: int) -> bytes:
    """The rows of each head in turn from its first and its second half."""
    width = len(raw) // rows
    half = rows // heads // 2
    order = (
        head * 2 * half + side * half + place
        for head in range(heads)
        for place in range(half)
        for side in (0, 1)
    )
    return b"".join(raw[row * width : (row + 1) * width] for row in order)
