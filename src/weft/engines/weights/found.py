"""What a card's engines would pull, and what of it lies here: the link between specs and the folder of weights."""

from dataclasses import dataclass, replace
from pathlib import Path

from weft.catalog.types import EngineSpec, GpuServerSpec, LlamaCppSpec, ModelCard, OpenVinoSpec
from weft.engines.weights.choose import GgufChoice
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.types import is_repository


@dataclass(frozen=True, slots=True)
class Wanted:
    """The weights that one kind of engine takes for a model."""

    kind: str
    repository: str
    quantization: str
    is_gguf: bool
    """One GGUF; otherwise the safetensors and all that describes them."""
    vision: bool = False
    """A projector goes with it."""


def wanted_by(card: ModelCard, spec: EngineSpec) -> Wanted | None:
    """What could be pulled for `spec`; None where it takes no weights, or says nowhere where they are."""
    vision = card.capabilities.vision
    match spec:
        case LlamaCppSpec():
            kind, is_gguf = "llama_cpp", True
        case OpenVinoSpec():
            kind, is_gguf, vision = "openvino", True, False
        case GpuServerSpec():
            kind, is_gguf, vision = spec.kind, False, False
        case _:
            return None
    if not is_repository(spec.repository):
        return None
    return Wanted(kind, spec.repository, spec.quantization, is_gguf, vision)


def all_wanted(card: ModelCard) -> list[Wanted]:
    """What could be pulled for `card`, in its order of preference."""
    found = (wanted_by(card, spec) for spec in card.engines)
    return [wanted for wanted in found if wanted is not None]


def with_pulled(card: ModelCard, spec: EngineSpec, weights_dir: Path | None) -> EngineSpec:
    """`spec` with the weights that were pulled for it, where the card names none of its own."""
    wanted = wanted_by(card, spec)
    if wanted is None or weights_dir is None:
        return spec
    folder = WeightsFolder(weights_dir)
    match spec:
        case LlamaCppSpec() | OpenVinoSpec():
            return spec if spec.weights else _with_gguf(spec, wanted, folder)
        case GpuServerSpec():
            snapshot = None if spec.weights else folder.find_snapshot(wanted.repository)
            return spec if snapshot is None else replace(spec, weights=str(snapshot))
        case _:
            return spec


def find_pulled(wanted: Wanted, folder: WeightsFolder) -> GgufChoice | None:
    """The GGUF for `wanted`: of its quantization, or else the only one that was pulled of its repository."""
    for quantization in (wanted.quantization, ""):
        found = folder.find_gguf(wanted.repository, quantization, vision=wanted.vision)
        if found is not None:
            return found
    return None


def _with_gguf(
    spec: LlamaCppSpec | OpenVinoSpec, wanted: Wanted, folder: WeightsFolder
) -> LlamaCppSpec | OpenVinoSpec:
    found = find_pulled(wanted, folder)
    if found is None:
        return spec
    weights_mib = sum(Path(path).stat().st_size for path in found.paths) >> 20
    # Another quantization than the card's may lie here: the memory beside the weights stays the same.
    beside_mib = spec.memory_mib - spec.weights_mib if spec.weights_mib else 0
    memory_mib = weights_mib + beside_mib if beside_mib > 0 else spec.memory_mib
    filled = replace(spec, weights=found.weights[0], weights_mib=weights_mib, memory_mib=memory_mib)
    if isinstance(filled, LlamaCppSpec) and not filled.mmproj:
        return replace(filled, mmproj=found.mmproj)
    return filled
