"""The settings of who may call from where. What they mean in detail stands in docs/guides/country-rules.md."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Codes, Folder, HeaderName, Networks


def _country_file(values: dict[str, object]) -> Path:
    data_dir = values["data_dir"]
    assert isinstance(data_dir, Path)
    return data_dir / "country.mmdb"


class CountrySettings(BaseModel):
    """Countries, networks and the proxies that are believed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    country_allow: Codes = Field(
        default=(),
        max_length=300,
        description="Countries that may call, as ISO codes; empty: all but those of country_deny.",
    )
    country_deny: Codes = Field(
        default=(), max_length=300, description="Countries that may not call, as ISO codes."
    )
    country_file: Folder = Field(
        default_factory=_country_file,
        description="MaxMind file (.mmdb) that knows the country of an address; read anew when it changes.",
    )
    country_header: HeaderName = Field(
        default="",
        max_length=64,
        description="Header with the caller's country, where trusted proxies set it: cf-ipcountry.",
    )
    country_allow_private: bool = Field(
        default=True, description="Let callers from private, loopback and link-local networks in."
    )
    country_allow_unknown: bool = Field(
        default=False,
        description="Let callers in whose country is not known, where country_allow lists some.",
    )
    country_test: bool = Field(
        default=False,
        description="Let callers on this machine say where they come from, to try the rules; not for production.",
    )
    network_allow: Networks = Field(
        default=(),
        max_length=1024,
        description="Networks that may call whatever their country: 198.51.100.0/24.",
    )
    network_deny: Networks = Field(
        default=(), max_length=1024, description="Networks that may never call."
    )
    trusted_proxies: Networks = Field(
        default=(),
        max_length=1024,
        description="Networks of the proxies that are believed about the caller's address.",
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        default="x-forwarded-for", description="Header in which trusted proxies name the caller."
    )
