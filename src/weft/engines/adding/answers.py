"""The shapes of `/api/models/look` and `/api/models/downloads`, and how our own become them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from weft.catalog.needs import describe_needs
from weft.catalog.types import ReasoningPolicy
from weft.engines.adding.types import Ask, Download, Failure, KnownModel, NewModel, Served, Stage
from weft.engines.adding.work import Looked
from weft.engines.weights.choose import list_quantizations
from weft.kit.errors import InvalidRequest

MOST_QUANTIZATIONS = 50
_Usd = Annotated[str, Field(max_length=20, pattern=r"^\$?(\d{1,9}(\.\d{0,9})?)?$")]


class DownloadAsk(BaseModel):
    """A model of the catalog whose weights are wanted (`model`), or a new one (`repository`)."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(max_length=200)] = ""
    engine: Annotated[str, Field(max_length=20)] = ""
    """For a model of the catalog: `llama_cpp`, `vllm`; empty: what runs anywhere."""
    repository: Annotated[str, Field(max_length=200)] = ""
    """`organisation/repository` of the hub, or of the mirror."""
    id: Annotated[str, Field(max_length=200)] = ""
    """Of a new model; empty: as its name suggests."""
    input_usd_per_mtok: _Usd = ""
    output_usd_per_mtok: _Usd = ""
    quantization: Annotated[str, Field(max_length=40)] = ""
    revision: Annotated[str, Field(max_length=200)] = ""
    token: Annotated[str, Field(max_length=400)] = Field(default="", repr=False)
    """Access token of the hub, for gated and private repositories; not kept."""


class QuantizationInfo(BaseModel):
    """One of the GGUF models of a repository."""

    name: str
    size_bytes: int


class LookedInfo(BaseModel):
    """What a repository holds, and what would become of it here."""

    model: str
    """The id that it would have, or has."""
    label: str
    repository: str
    revision: str
    source: str
    license: str
    context_window: int
    parameters_total: int | None
    quantization: str | None
    quantizations: list[QuantizationInfo]
    """That can be chosen; empty where there is nothing to choose."""
    modalities: list[str]
    tools: bool
    reasoning: ReasoningPolicy
    engine: str
    files: int
    size_bytes: int
    free_bytes: int
    """On the disk that weights go to."""
    needs: list[str]
    """What it takes to run it, a line for each way."""
    card: str | None
    """The text of the card of a new model."""


class FailureInfo(BaseModel):
    """Why it stopped, and what to do."""

    message: str
    remedy: str


class ServedInfo(BaseModel):
    """What became of the model once its weights were here."""

    now: bool
    why_not: str
    """In a sentence, with what to do; empty where it is served."""


class DownloadInfo(BaseModel):
    """One download at this moment."""

    id: str
    model: str
    is_new: bool
    repository: str
    source: str
    stage: Stage
    file: str
    files: int
    done_bytes: int
    total_bytes: int
    """0 until the repository was looked at."""
    bytes_per_s: float
    eta_s: float | None
    started_at: datetime
    ended_at: datetime | None
    started_by: str
    failure: FailureInfo | None
    served: ServedInfo | None


class DownloadsInfo(BaseModel):
    """Every download that the server remembers, newest first, and where models come from and go to."""

    downloads: list[DownloadInfo]
    source: str
    has_token: bool
    """Whether the server has an access token of its own."""
    free_bytes: int


def ask_of(body: DownloadAsk, known: KnownModel | None) -> Ask:
    """What a body asks for; `known` is the model of the catalog that it names.

    Raises:
        InvalidRequest: it names no model and no repository, or both.
    """
    if bool(body.model) == bool(body.repository):
        raise InvalidRequest(
            "say either model or repository",
            param="repository",
            remedy="`model` is one of the catalog, `repository` one of the hub",
        )
    what = known or NewModel(
        body.repository, body.id, body.input_usd_per_mtok, body.output_usd_per_mtok
    )
    return Ask(what, body.quantization, body.revision, body.token)


def looked_info(looked: Looked, free_bytes: int) -> LookedInfo:
    """A look as the API tells it."""
    card, sizes = looked.card, {one.path: one.size_bytes for one in looked.listing.files}
    choices = list_quantizations(list(sizes))
    named = [
        QuantizationInfo(name=name, size_bytes=sum(sizes[path] for path in paths))
        for name, paths in sorted(choices.items(), key=lambda one: -sum(sizes[p] for p in one[1]))
    ]
    modalities = dict.fromkeys((*card.modalities_input, *card.modalities_output))
    return LookedInfo(
        model=card.id,
        label=card.label,
        repository=looked.listing.repository,
        revision=looked.listing.revision,
        source=looked.source.name,
        license=card.license,
        context_window=card.context_window_tokens,
        parameters_total=card.parameters_total or None,
        quantization=card.quantization or None,
        quantizations=named[:MOST_QUANTIZATIONS],
        modalities=[one.value.title() for one in modalities],
        tools=card.capabilities.tools,
        reasoning=card.capabilities.reasoning,
        engine=looked.engine,
        files=len(looked.paths),
        size_bytes=sum(looked.sizes.values()),
        free_bytes=free_bytes,
        needs=list(describe_needs(card)),
        card=looked.draft.text if looked.draft else None,
    )


def download_info(one: Download) -> DownloadInfo:
    """A download as the API tells it."""
    return DownloadInfo(
        id=one.id,
        model=one.model,
        is_new=one.is_new,
        repository=one.repository,
        source=one.source,
        stage=one.stage,
        file=one.file,
        files=one.files,
        done_bytes=one.done_bytes,
        total_bytes=one.total_bytes,
        bytes_per_s=round(one.bytes_per_s, 1),
        eta_s=None if one.eta_s is None else round(one.eta_s, 1),
        started_at=one.started_at,
        ended_at=one.ended_at,
        started_by=one.started_by,
        failure=_failure(one.failure),
        served=_served(one.served),
    )


def _failure(failure: Failure | None) -> FailureInfo | None:
    return failure and FailureInfo(message=failure.message, remedy=failure.remedy)


def _served(served: Served | None) -> ServedInfo | None:
    return served and ServedInfo(now=served.now, why_not=served.why_not)
