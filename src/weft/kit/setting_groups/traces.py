"""Settings of the trace store. How to choose stands in docs/guides/requests-in-traces.md."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.kit.setting_groups.types import BaseUrl, Count, Folder

CLICKHOUSE_FORMS = "clickhouse://user:password@host:8123/database, chdb:///folder, or nothing"


def _spool_dir(values: dict[str, object]) -> Path:
    data_dir = values["data_dir"]
    assert isinstance(data_dir, Path)
    return data_dir / "spool"


class TraceSettings(BaseModel):
    """Where traces are kept, and what happens while that place is away."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    trace_database_url: SecretStr = Field(
        default=SecretStr(""),
        max_length=2048,
        description="Database of traces, as database_url; empty: that one, or else traces.db in the data folder.",
    )
    trace_clickhouse_url: SecretStr = Field(
        default=SecretStr(""),
        max_length=2048,
        description="ClickHouse for calls: clickhouse://user:password@host/name or chdb:///folder; experimental.",
    )
    trace_spool_dir: Folder = Field(
        default_factory=_spool_dir,
        description="Folder on a local disk for what is accepted while the trace database is away.",
    )
    trace_spool_mib: Count = Field(
        default=4096,
        ge=1,
        le=1_000_000_000,
        description="Most that is kept there; more is refused with a 503.",
    )
    trace_retention_days: Count = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days that calls are kept; a project may ask for fewer. 0: for ever, unless a project asks.",
    )
    max_trace_body_bytes: Count = Field(
        default=67_108_864,
        ge=1_048_576,
        le=1_073_741_824,
        description="Size of the body of a request to the trace store.",
    )
    otlp_endpoint: BaseUrl = Field(
        default="",
        max_length=2048,
        description="URL of an OpenTelemetry collector that gets a span for each request; empty: none does.",
    )
    otlp_headers: SecretStr = Field(
        default=SecretStr(""),
        max_length=8192,
        description="Headers for that collector: name=value,name=value.",
    )
