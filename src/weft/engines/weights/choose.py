"""Which files of a repository a model needs. Pure: from names to names.

GGUF repositories hold one model many times, each file (or each set of `-00001-of-00003` parts) with another
quantization in its name; the names are those of llama.cpp's quantize tool, written as their authors like. Repositories
of safetensors hold it once, next to files in older formats that nobody needs.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from weft.kit.errors import CannotStart

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})(?=\.gguf$)")
_QUANTIZATION = re.compile(
    r"(?<![A-Z0-9])((?:UD-)?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|NVFP4|BF16|F16|FP16|F32))(?![A-Z0-9])"
)
_MAX_NAMED = 12
_MAX_PARTS = 1_000
_SAFETENSORS = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.tiktoken", "*.txt", "*.py")
_PROJECTORS = ("f16", "bf16", "f32", "q8_0")
"""The vision projector is small; the first of these is what llama.cpp's own converter writes."""


@dataclass(frozen=True, slots=True)
class GgufChoice:
    """The files that one quantization is made of."""

    weights: tuple[str, ...]
    """In the order of the parts; llama.cpp is given the first and finds the others."""
    mmproj: str = ""
    """The vision projector; empty where there is none."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.weights, self.mmproj) if self.mmproj else self.weights


def quantization_of(path: str) -> str:
    """The quantization that a file's name tells, in capitals; empty where it tells none."""
    found = _QUANTIZATION.findall(_SHARD.sub("", path).removesuffix(".gguf").upper())
    return found[-1] if found else ""


def other_parts(name: str) -> list[str]:
    """The names of the parts that follow a GGUF of this name; none where it is whole."""
    shard = _SHARD.search(name)
    if shard is None:
        return []
    count = min(int(shard[2]), _MAX_PARTS)
    numbers = (number for number in range(1, count + 1) if number != int(shard[1]))
    return [_SHARD.sub(f"-{number:05}-of-{shard[2]}", name) for number in numbers]


def choose_gguf(
    repository: str, paths: Sequence[str], quantization: str, *, vision: bool = False
) -> GgufChoice:
    """The GGUF files with this quantization, and with `vision` the projector.

    Raises:
        CannotStart: there are none, or without a quantization more than one model.
    """
    found = find_gguf(paths, quantization, vision=vision)
    if found is not None:
        return found
    groups = _groups(paths)
    if not groups:
        raise CannotStart(f"{repository} holds no GGUF file")
    known = sorted({quantization_of(base) or base for base in groups})
    listed = ", ".join(known[:_MAX_NAMED]) + (", ..." if len(known) > _MAX_NAMED else "")
    if not quantization:
        raise CannotStart(
            f"{repository} holds {len(groups)} GGUF models: {listed}",
            remedy="choose one with --quantization",
        )
    raise CannotStart(
        f"{repository} has no complete GGUF with {quantization}; it has {listed}",
        remedy="choose one with --quantization, or name another repository in the card",
    )


def find_gguf(
    paths: Sequence[str], quantization: str, *, vision: bool = False
) -> GgufChoice | None:
    """The same; None where nothing fits, or where it is not plain which."""
    groups = {base: parts for base, parts in _groups(paths).items() if parts}
    wanted = quantization.upper()
    fitting = [base for base in groups if not wanted or _fits(base, wanted)]
    if not fitting or (len(fitting) > 1 and not wanted):
        return None
    # `Q4_K_M` before `UD-Q4_K_M`, and a file of the model before one of a draft of it.
    base = min(fitting, key=lambda one: (quantization_of(one) != wanted, len(one), one))
    return GgufChoice(groups[base], _projector(paths) if vision else "")


def list_quantizations(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The complete GGUF models among `paths`, by their quantization, with their files."""
    groups = _groups(paths)
    return {quantization_of(base) or base: parts for base, parts in groups.items() if parts}


def choose_safetensors(repository: str, paths: Sequence[str]) -> tuple[str, ...]:
    """What vLLM and its like load: the safetensors at the root, and whatever describes them.

    Raises:
        CannotStart: there are none.
    """
    at_root = [path for path in paths if "/" not in path and not path.startswith(".")]
    weights = [path for path in at_root if path.endswith(".safetensors")]
    if not weights:
        raise CannotStart(f"{repository} holds no safetensors")
    if any(not path.startswith("consolidated") for path in weights):
        # Mistral's repositories hold the same weights twice, the second time under this name.
        at_root = [path for path in at_root if not path.startswith("consolidated")]
    return tuple(sorted(path for path in at_root if _matches(path, _SAFETENSORS)))


def choose_included(repository: str, paths: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The files that match any of the patterns (`*.json`, `tokenizer*`).

    Raises:
        CannotStart: a pattern matches none.
    """
    for pattern in patterns:
        if not any(_matches(path, [pattern]) for path in paths):
            raise CannotStart(f"nothing in {repository} matches --include {pattern[:200]!r}")
    return sorted(path for path in paths if _matches(path, patterns))


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def _groups(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The models by their name without the part's number; no parts where some are missing."""
    groups: dict[str, list[str]] = {}
    for path in sorted(paths):
        name = path.rpartition("/")[2].lower()
        if name.endswith(".gguf") and "mmproj" not in name and "imatrix" not in name:
            groups.setdefault(_SHARD.sub("", path), []).append(path)
    return {base: tuple(parts) if _whole(parts) else () for base, parts in groups.items()}


def _whole(parts: Sequence[str]) -> bool:
    shard = _SHARD.search(parts[0])
    return len(parts) == (int(shard[2]) if shard else 1)


def _fits(base: str, wanted: str) -> bool:
    name = base.upper().removesuffix(".GGUF")
    return re.search(rf"(?<![A-Z0-9]){re.escape(wanted)}(?![A-Z0-9_])", name) is not None


def _projector(paths: Sequence[str]) -> str:
    found = [path for path in paths if "mmproj" in path.lower() and path.lower().endswith(".gguf")]
    known = {quantization_of(path).lower(): path for path in sorted(found, reverse=True)}
    preferred = [known[name] for name in _PROJECTORS if name in known]
    return (preferred or sorted(found) or [""])[0]
