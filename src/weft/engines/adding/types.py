"""What is asked for when a model is added or its weights are pulled, and how far that is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from weft.catalog.types import ModelCard


class Stage(StrEnum):
    """Where a download is."""

    WAITING = "waiting"
    """Others are at work; it comes in turn."""
    LOOKING = "looking"
    """At what the repository holds."""
    CHECKING = "checking"
    """What lies here already."""
    DOWNLOADING = "downloading"
    CANCELLING = "cancelling"
    """It was told to stop, and waits for the network to let it."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is at work."""
        return self in {Stage.CANCELLED, Stage.FAILED, Stage.DONE}


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model that the catalog does not have: of a repository."""

    repository: str
    id: str = ""
    """Empty: the one that its name suggests."""
    input_usd_per_mtok: str = ""
    output_usd_per_mtok: str = ""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the catalog, whose weights are wanted."""

    card: ModelCard
    engine: str = ""
    """Empty: llama.cpp if it can, or else the first that its card names."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants."""

    what: NewModel | KnownModel
    quantization: str = ""
    revision: str = ""
    token: str = field(default="", repr=False)
    """For the hub; kept as long as the download is, and nowhere else."""

    @property
    def name(self) -> str:
        """For people, until more is known."""
        match self.what:
            case NewModel(repository=repository, id=id_):
                return id_ or repository
            case KnownModel(card=card):
                return card.id


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a download did not come to its end, and what to do."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a model whose weights are here."""

    now: bool
    """Whether requests for it are answered by itself from now on."""
    why_not: str = ""
    """In a sentence; empty where it is served."""


@dataclass(frozen=True, slots=True)
class Download:
    """One download at one moment."""

    id: str
    model: str
    """The model's id, or the repository until the id is known."""
    is_new: bool
    repository: str
    source: str
    stage: Stage
    file: str
    """The one that is at work."""
    files: int
    done_bytes: int
    total_bytes: int
    bytes_per_s: float
    eta_s: float | None
    started_at: datetime
    ended_at: datetime | None
    failure: Failure | None
    served: Served | None
    started_by: str
