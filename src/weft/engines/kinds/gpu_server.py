"""What vLLM and SGLang have in common: an environment of their own, weights as Hugging Face has them, accelerators.

Owns the way from a spec to the command that starts one, and says where that cannot be. Knows no flag: those are
`catalog/commands.py`'s. Nothing here starts anything.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from weft.catalog.commands import flags
from weft.catalog.specs import HUB_PREFIX
from weft.catalog.types import Accelerator, GpuServerSpec, ModelCard, Spread
from weft.engines.kinds.llama_cpp import locate
from weft.engines.ray.types import PYTHON
from weft.engines.types import Demand, Machine

_CONFIG = "config.json"
_MIB_PER_GIB = 1024
_SPARE = 0.9
"""A card with 80 GiB on its box tells a little less: so much of what is asked for is enough."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is there to run a model."""

    python: str
    weights: str
    """As the server is told: a folder, or a repository that it fetches."""
    file: str
    """What must be in the folder; empty for a repository."""


def find_ready(spec: GpuServerSpec, machine: Machine) -> Ready | None:
    """What `spec` needs, if all of it is here; the package itself is found out by starting it."""
    if machine.elsewhere:
        return _taken_to_be_there(spec)
    python = find_python(spec)
    if python is None or not _has_gpus(spec, machine) or not _has_nodes(spec):
        return None
    if spec.weights.startswith(HUB_PREFIX):
        return Ready(python, spec.weights.removeprefix(HUB_PREFIX), "")
    folder = locate(spec.weights) if spec.weights else None
    if folder is None or not (folder / _CONFIG).is_file():
        return None
    return Ready(python, str(folder), str(folder / _CONFIG))


def _taken_to_be_there(spec: GpuServerSpec) -> Ready | None:
    """The same for a node that looks for itself; None for a recipe, and for what is spread over nodes."""
    if not spec.weights or spec.nodes > 1:
        return None
    python = spec.python or PYTHON
    if spec.weights.startswith(HUB_PREFIX):
        return Ready(python, spec.weights.removeprefix(HUB_PREFIX), "")
    folder = locate(spec.weights)
    return None if folder is None else Ready(python, str(folder), str(folder / _CONFIG))


def find_python(spec: GpuServerSpec) -> str | None:
    """The interpreter that has the engine: the one that is named, else where the engine's program lies."""
    if spec.python:
        return shutil.which(spec.python)
    program = shutil.which(spec.kind)
    if program is None:
        return None
    return shutil.which("python", path=str(Path(program).resolve().parent))


def wrapped(card: ModelCard, spec: GpuServerSpec, *, secret: tuple[str, str]) -> tuple[str, ...]:
    """The beginning of the child's command line; `secret` says how that is handed over: a flag and its value."""
    return (
        *(sys.executable, "-m", "weft.engines.kinds.server_child"),
        *("--alias", card.id),
        *secret,
        *(("--set", "CUDA_VISIBLE_DEVICES=") if spec.device is Accelerator.CPU else ()),
    )


def card_flags(card: ModelCard, spec: GpuServerSpec) -> list[str]:
    """What the card decides."""
    can = card.capabilities
    return flags(spec, max_lora_rank=can.max_lora_rank if can.lora else 0)


def demand_of(spec: GpuServerSpec) -> Demand:
    """On this node."""
    return Demand(
        memory_mib=spec.memory_mib,
        gpus=spec.gpus // spec.nodes,
        gpu_memory_mib=int(spec.gpu_memory_gib * _MIB_PER_GIB * _SPARE),
    )


def _has_gpus(spec: GpuServerSpec, machine: Machine) -> bool:
    needed = demand_of(spec)
    fit = [gpu for gpu in machine.gpus if gpu.memory_mib >= needed.gpu_memory_mib]
    return len(fit) >= needed.gpus


def _has_nodes(spec: GpuServerSpec) -> bool:
    """Whether the other nodes, if there are any, can find this one."""
    return spec.nodes == 1 or spec.spread is Spread.RAY or bool(spec.master_address)
