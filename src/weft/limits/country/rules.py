"""May this address call? A pure function of the address, its country and the rules.

Order of precedence, the first that says anything decides:

1. `network_deny` holds the address: refused.
2. `network_allow` holds it: allowed.
3. It is private, loopback or link-local: as `country_allow_private` says.
4. There is no address, because a trusted proxy did not tell it: as `country_allow_unknown` says.
5. `country_deny` lists its country: refused.
6. `country_allow` lists countries: its own among them is allowed, another is refused, and an unknown one as
   `country_allow_unknown` says.
7. Otherwise: allowed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from weft.kit.errors import NotPermitted
from weft.kit.settings import Settings
from weft.limits.country.codes import check_codes
from weft.limits.country.networks import PRIVATE, Address, Network, find_network, networks

MESSAGE = "Country, region, or territory not supported"
"""The hosted service's own words."""


class Rule(StrEnum):
    """What decided; where it can be, the name of the setting."""

    NETWORK_DENY = "network_deny"
    NETWORK_ALLOW = "network_allow"
    PRIVATE = "country_allow_private"
    UNKNOWN = "country_allow_unknown"
    COUNTRY_DENY = "country_deny"
    COUNTRY_ALLOW = "country_allow"
    NONE = "none"
    """No rule is against it."""


class CountryNotSupported(NotPermitted):
    """Calls from this country or network are not allowed here."""

    code = "country_not_supported"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say about one address."""

    allowed: bool
    rule: Rule
    country: str = ""
    """ISO code; empty if it is not known, or was not asked for."""
    network: str = ""
    """Where a network decided: which."""

    def enforce(self) -> None:
        """Let the request go on.

        Raises:
            CountryNotSupported: it may not.
        """
        if self.allowed:
            return
        # Neither address nor network: what is kept of a refusal must not say where a person was.
        raise CountryNotSupported(
            MESSAGE,
            remedy="call from a supported country; if your country is taken for another one, whoever runs this server"
            " can let your network in with network_allow",
            metadata={
                "limit": "country",
                "scope": "address",
                "country": self.country or None,
                "rule": self.rule.value,
            },
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator wants."""

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()
    allow_networks: tuple[Network, ...] = ()
    deny_networks: tuple[Network, ...] = ()
    allow_private: bool = True
    allow_unknown: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The rules that the settings state.

        Raises:
            CannotStart: a code is no country's.
        """
        return cls(
            allow=check_codes("country_allow", settings.country_allow),
            deny=check_codes("country_deny", settings.country_deny),
            allow_networks=networks(settings.network_allow),
            deny_networks=networks(settings.network_deny),
            allow_private=settings.country_allow_private,
            allow_unknown=settings.country_allow_unknown,
        )

    @property
    def is_on(self) -> bool:
        """Whether any rule can refuse anybody."""
        return bool(self.by_country or self.deny_networks or not self.allow_private)

    @property
    def by_country(self) -> bool:
        """Whether the country of an address matters."""
        return bool(self.allow or self.deny)

    def find_by_network(self, address: Address | None) -> Decision | None:
        """What is decided before any country is looked up: steps 1 to 4."""
        if address is None:
            return Decision(self.allow_unknown, Rule.UNKNOWN)
        denied = find_network(address, self.deny_networks)
        if denied is not None:
            return Decision(allowed=False, rule=Rule.NETWORK_DENY, network=str(denied))
        welcome = find_network(address, self.allow_networks)
        if welcome is not None:
            return Decision(allowed=True, rule=Rule.NETWORK_ALLOW, network=str(welcome))
        private = find_network(address, PRIVATE)
        if private is not None:
            return Decision(self.allow_private, Rule.PRIVATE, network=str(private))
        return None

    def by(self, country: str) -> Decision:
        """What is decided by the country, empty if it is not known: steps 5 to 7."""
        if country in self.deny:
            return Decision(allowed=False, rule=Rule.COUNTRY_DENY, country=country)
        if self.allow:
            if not country:
                return Decision(self.allow_unknown, Rule.UNKNOWN)
            return Decision(country in self.allow, Rule.COUNTRY_ALLOW, country)
        return Decision(allowed=True, rule=Rule.NONE, country=country)
