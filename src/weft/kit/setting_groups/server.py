"""The settings of the server itself: its address and folders, logins of the first start, time-outs and bounds."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.kit.setting_groups.types import (
    BaseUrl,
    Count,
    Folder,
    LogFormat,
    LogLevel,
    Origins,
    Seconds,
    Secret,
    Slug,
)

_REACHED_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def reachable_host(host: str) -> str:
    """Where this machine reaches a server that listens on `host`: nobody can go to "every interface"."""
    return _REACHED_BY.get(host, host)


def local_url(host: str, port: int) -> str:
    """The URL of a server that listens on `host`, for browsers on this machine, without a slash at its end."""
    reached = reachable_host(host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _catalog_dir(values: dict[str, object]) -> Path:
    data_dir = values["data_dir"]
    assert isinstance(data_dir, Path)
    return data_dir / "catalog"


def _adapters_dir(values: dict[str, object]) -> Path:
    data_dir = values["data_dir"]
    assert isinstance(data_dir, Path)
    return data_dir / "adapters"


class ServerSettings(BaseModel):
    """Where the server listens and keeps things, how long it waits, and how much a request may bring."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        max_length=255,
        description="Address to listen on; 0.0.0.0 or :: for every network interface.",
    )
    port: Count = Field(
        default=8080,
        ge=0,
        le=65_535,
        description="Port to listen on; 0 lets the system choose one.",
    )
    data_dir: Folder = Field(
        default_factory=lambda: user_data_path("weft", appauthor=False),
        description="Folder that holds the database, the secret and your own model cards.",
    )
    public_url: BaseUrl = Field(
        default="",
        max_length=2048,
        description="URL that users reach the server by, behind a proxy; empty: from host and port.",
    )
    log_level: LogLevel = Field(
        default="info", description="Least severe log line that is written."
    )
    log_format: LogFormat = Field(
        default="auto",
        description="Form of the log: auto is pretty on a terminal and JSON elsewhere.",
    )
    log_requests: bool = Field(
        default=True, description="Write one line for every request that finished."
    )
    stand_in: bool = Field(
        default=False,
        description="Let the tiny model that ships answer for models that cannot run here.",
    )
    require_project: bool = Field(
        default=False, description="Refuse requests that name no team and project."
    )
    catalog_dir: Folder = Field(
        default_factory=_catalog_dir,
        description="Folder of your own model cards, one TOML file each.",
    )
    adapters_dir: Folder = Field(
        default_factory=_adapters_dir,
        description="Folder of LoRA adapters: team/project/name/v1, or _shared/name for all teams.",
    )
    secret_key: Secret = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Secret of 32 characters or more behind keys and logins; empty: one in the data folder.",
    )
    team: Slug = Field(
        default="my-team", description="Name of the team that the first start makes."
    )
    admin_username: Slug = Field(
        default="admin", description="Login name of the administrator that the first start makes."
    )
    connect_timeout_s: Seconds = Field(
        default=5, ge=0.1, le=600, description="Longest wait for a connection to an engine."
    )
    first_byte_timeout_s: Seconds = Field(
        default=600,
        ge=0.1,
        le=86_400,
        description="Longest wait for the first byte of an engine's answer.",
    )
    idle_timeout_s: Seconds = Field(
        default=120, ge=0.1, le=86_400, description="Longest silence of an engine within an answer."
    )
    drain_timeout_s: Seconds = Field(
        default=25, ge=0, le=3600, description="Time open requests have to finish when stopping."
    )
    header_timeout_s: Seconds = Field(
        default=10, ge=0.1, le=600, description="Time a client has to send a request's headers."
    )
    body_timeout_s: Seconds = Field(
        default=60, ge=0.1, le=3600, description="Time a client has to send a request's body."
    )
    keep_alive_timeout_s: Seconds = Field(
        default=75, ge=0, le=3600, description="How long an idle client connection is kept."
    )
    max_connections: Count = Field(
        default=10_000, ge=1, le=1_000_000, description="Client connections open at the same time."
    )
    max_header_bytes: Count = Field(
        default=32_768, ge=1024, le=1_048_576, description="Size of a request's headers together."
    )
    max_body_bytes: Count = Field(
        default=20_971_520, ge=1024, le=1_073_741_824, description="Size of a request's body."
    )
    max_messages: Count = Field(
        default=4096, ge=1, le=100_000, description="Messages in one chat completion request."
    )
    max_choices: Count = Field(
        default=100, ge=1, le=128, description="Choices that one request may ask for (its n)."
    )
    max_stop_sequences: Count = Field(
        default=16, ge=1, le=1024, description="Stop sequences in one request."
    )
    max_tools: Count = Field(default=128, ge=1, le=4096, description="Tools in one request.")
    max_schema_depth: Count = Field(
        default=32,
        ge=1,
        le=256,
        description="Depth of a JSON schema in tools and response formats.",
    )
    max_logit_bias: Count = Field(
        default=1024, ge=1, le=100_000, description="Entries of logit_bias in one request."
    )
    max_images: Count = Field(default=16, ge=0, le=256, description="Images in one request.")
    max_image_bytes: Count = Field(
        default=10_485_760, ge=1024, le=1_073_741_824, description="Size of one decoded image."
    )
    cors_origins: Origins = Field(
        default=(),
        max_length=64,
        description="Other origins whose pages may call this server from a browser.",
    )
