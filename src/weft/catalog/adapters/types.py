"""The nouns of adapters, and the refusal of one that cannot be used."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from weft.kit.errors import InvalidRequest

SHARED = "_shared"
"""The folder of adapters that every team may use; no team can be called so."""
LATEST = "latest"
"""The alias of the highest version."""
ARTIFACT_PREFIX = "wandb-artifact:///"
"""How the hosted service writes an adapter: `wandb-artifact:///team/project/name:version`."""


class Unusable(StrEnum):
    """Why an adapter that is there cannot be used."""

    BAD_FILE = "bad_file"
    WRONG_BASE = "wrong_base"
    RANK_TOO_HIGH = "rank_too_high"
    UNSUPPORTED_SETTING = "unsupported_setting"
    UNSUPPORTED_MODULES = "unsupported_modules"
    BASE_WITHOUT_LORA = "base_without_lora"
    ENGINE_WITHOUT_LORA = "engine_without_lora"


class AdapterUnusable(InvalidRequest):
    """The adapter is there, and cannot be used: `reason` in the metadata says why, `remedy` what to do."""

    code = "adapter_unusable"
    remedy = "mend the adapter as the message says, or name another one"

    def __init__(self, message: str, *, reason: Unusable, remedy: str) -> None:
        super().__init__(message, param="model", remedy=remedy, metadata={"reason": reason})


@dataclass(frozen=True, slots=True)
class AdapterName:
    """An adapter as a request names it; nobody looked yet whether there is one."""

    name: str
    version: str = LATEST
    """`v3`, or an alias."""
    base: str = ""
    """The model before the colon; empty in the form of an artifact."""
    team: str = ""
    """Only in the form of an artifact."""
    project: str = ""


@dataclass(frozen=True, slots=True)
class LoraModule:
    """One layer of the model that the adapter adds to: outputs += scale x B x A x inputs."""

    path: str
    """`model.layers.0.self_attn.q_proj`."""
    rank: int
    inputs: int
    outputs: int
    dtypes: tuple[str, str]
    """Of the numbers of A and of B."""


@dataclass(frozen=True, slots=True)
class Peft:
    """What the files of an adapter in PEFT's format say."""

    base_model: str
    rank: int
    """The highest of its modules."""
    alpha: float
    """A module's scale is this divided by the module's rank."""
    modules: tuple[LoraModule, ...]
    size_bytes: int
    """Of the weights."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One version of an adapter."""

    team: str
    """Empty for one that everybody may use."""
    project: str
    name: str
    version: str
    aliases: tuple[str, ...]
    """Of this version, `latest` first."""
    folder: Path
    stamp: str
    """Changes with the content of its files."""
    peft: Peft

    @property
    def key(self) -> str:
        """What tells it from every other adapter of this server, and from what its files were before a change."""
        return f"{self.shown}~{self.stamp}"

    @property
    def shown(self) -> str:
        """What people know it by: `team/project/name@v2`."""
        return f"{self.place}@{self.version}"

    @property
    def place(self) -> str:
        """Where it lies in the folder of adapters: `team/project/name`."""
        return "/".join((self.team, self.project, self.name) if self.team else (SHARED, self.name))

    @property
    def artifact(self) -> str:
        """Its name in the form of an artifact; empty for one that is no team's."""
        return f"{ARTIFACT_PREFIX}{self.place}:{self.version}" if self.team else ""
