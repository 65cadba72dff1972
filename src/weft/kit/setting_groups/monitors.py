"""The settings of monitors. What they mean in detail stands in docs/guides/monitors.md."""

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Count, Seconds


class MonitorSettings(BaseModel):
    """How often monitors look at new calls, and how much they may do."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    monitor_look_s: Seconds = Field(
        default=5, ge=0.05, le=3600, description="How often monitors look for new calls."
    )
    monitor_per_minute: Count = Field(
        default=120, ge=1, le=100_000, description="Calls that one monitor judges in a minute."
    )
    monitor_backlog: Count = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="Calls that wait for one monitor; more of its sample are passed over.",
    )
    monitor_max_budget_usd: Count = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="Dollars that one monitor may be given for a day at most.",
    )
