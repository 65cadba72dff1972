"""What the settings say about single sign-on, checked for what cannot work."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from weft.identity.types import Role
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What becomes of people whom nobody knows yet."""

    team: str
    """Its name; empty: none."""
    role: Role


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """One provider, and whom it may let in."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: str
    username_claim: str
    email_domains: frozenset[str]
    link_by_email: bool
    newcomers: Newcomers | None
    """None: only people who are known come in."""

    def __repr__(self) -> str:
        return f"OidcOptions(issuer={self.issuer!r}, client_id={self.client_id!r})"

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The options of these settings; None without a provider.

        Raises:
            CannotStart: they do not fit together.
        """
        if not settings.oidc_issuer:
            return None
        if not settings.oidc_client_id:
            raise CannotStart(
                "oidc_issuer is set and oidc_client_id is not: the provider tells it when you register this server"
            )
        if not is_safe(settings.oidc_issuer):
            raise CannotStart(
                "oidc_issuer has to begin with https://, unless the provider is on this machine"
            )
        return cls(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            name=settings.oidc_name,
            scopes=settings.oidc_scopes,
            username_claim=settings.oidc_username_claim,
            email_domains=frozenset(settings.oidc_email_domains),
            link_by_email=settings.oidc_link_by_email,
            newcomers=Newcomers(settings.oidc_team, Role(settings.oidc_role))
            if settings.oidc_create_users
            else None,
        )


def is_safe(url: str) -> bool:
    """Whether nobody in between can read or change what goes to `url`."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
