"""The settings of single sign-on; docs/guides/signing-in.md tells how to set it up."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.kit.setting_groups.types import BaseUrl, Domains


class OidcSettings(BaseModel):
    """An OpenID Connect provider that people sign in by, and what becomes of those whom nobody knows yet."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    oidc_issuer: BaseUrl = Field(
        default="",
        max_length=2048,
        description="URL of the OpenID Connect provider, above its `/.well-known`; empty: none.",
    )
    oidc_client_id: str = Field(
        default="", max_length=255, description="What the provider calls this server."
    )
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Secret that the provider gave this server; empty for a public client, with PKCE alone.",
    )
    oidc_name: str = Field(
        default="single sign-on",
        min_length=1,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What the button says after `Continue with`.",
    )
    oidc_scopes: str = Field(
        default="openid profile email",
        max_length=512,
        pattern=r"^openid( [!-~]+)*$",
        description="Scopes to ask the provider for, separated by spaces, `openid` first.",
    )
    oidc_username_claim: str = Field(
        default="preferred_username",
        min_length=1,
        max_length=64,
        pattern=r"^[!-~]+$",
        description="Claim that names new users; of an e-mail address it is the part before the @.",
    )
    oidc_email_domains: Domains = Field(
        default=(),
        max_length=64,
        description="Domains of verified e-mail addresses that may come in; empty: any, also none.",
    )
    oidc_link_by_email: bool = Field(
        default=False,
        description="Let a verified e-mail address find the user who has it; nobody changes their own then.",
    )
    oidc_create_users: bool = Field(
        default=False, description="Make a user for people whom nobody knows yet."
    )
    oidc_team: str = Field(
        default="",
        max_length=128,
        description="Team that such users become members of; empty: none.",
    )
    oidc_role: Literal["viewer", "member", "admin"] = Field(
        default="member", description="Their role there."
    )
