"""The rules as administrators see them: what is in force and by which setting, the country file, and trying an address.

Owns no rule and changes none: rules are settings of the server, so that nobody who takes over an administrator's
session can open the server to the world, or close it. A trial takes the same way as a request, and says each step.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from weft.kit.clock import Clock
from weft.kit.errors import CannotStart, InvalidRequest
from weft.kit.setting_groups.country import CountrySettings
from weft.kit.settings import Settings, variable
from weft.limits.country.address import Headers, read_address
from weft.limits.country.atlas import Atlas, Stamp, find_stamp
from weft.limits.country.guard import CountryGuard
from weft.limits.country.networks import Address
from weft.limits.country.rules import Decision, Rule, Rules

MAX_AGE_DAYS = 60
"""Networks move between countries; the makers of country files publish monthly or more often."""
_WHY = {
    Rule.NETWORK_DENY: "network_deny holds {network}",
    Rule.NETWORK_ALLOW: "network_allow holds {network}",
    Rule.PRIVATE: "{network} is private; country_allow_private decides",
    Rule.UNKNOWN: "its country is not known; country_allow_unknown decides",
    Rule.COUNTRY_DENY: "country_deny lists {country}",
    Rule.NONE: "no rule is against it",
}


class CountrySource(StrEnum):
    """Who said which country an address is in."""

    FILE = "file"
    HEADER = "header"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """One setting of the rules."""

    key: str
    value: str | bool | list[str]
    is_default: bool
    origin: str
    variable: str
    description: str


@dataclass(frozen=True, slots=True)
class CountryFile:
    """The country file as it lies there."""

    path: Path
    is_needed: bool
    """Whether the rules ask for countries that no proxy tells."""
    is_there: bool
    kind: str = ""
    built_at: datetime | None = None
    age_days: int | None = None
    is_old: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rules say to somebody, and how they found out."""

    address: Address | None
    by_proxy: bool
    decision: Decision
    why: str
    country: str
    source: CountrySource


class CountryView:
    """Tells of the rules. `guard` is the one at work; None: there are no rules."""

    def __init__(self, settings: Settings, guard: CountryGuard | None, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self.is_on = guard is not None
        self.is_test = settings.country_test
        quiet = settings.model_copy(update={"country_test": False})
        self._guard = guard or CountryGuard(Rules.from_settings(settings), quiet)
        self._atlas: Atlas | None = None
        self._stamp: Stamp | None = None

    @property
    def rules(self) -> Rules:
        """What is in force."""
        return self._guard.rules

    def settings(self) -> list[RuleSetting]:
        """Every setting of the rules, where its value comes from, and how it is called elsewhere."""
        return [
            RuleSetting(
                key=key,
                value=_shown(getattr(self._settings, key)),
                is_default=self._settings.origin_of(key) == "default",
                origin=self._settings.origin_of(key),
                variable=variable(key),
                description=field.description or "",
            )
            for key, field in CountrySettings.model_fields.items()
        ]

    async def file(self) -> CountryFile:
        """The country file, read anew if it changed."""
        path, trouble = self._settings.country_file, ""
        stamp = await asyncio.to_thread(find_stamp, path)
        try:
            atlas = await self._find_atlas()
        except CannotStart as error:
            atlas, trouble = None, error.message
        blind = not (self._settings.trusted_proxies and self._settings.country_header)
        is_needed = self.rules.by_country and blind
        if atlas is None:
            return CountryFile(path, is_needed, stamp is not None, trouble=trouble)
        age_days = (self._clock.now() - atlas.built_at).days
        return CountryFile(
            path=path,
            is_needed=is_needed,
            is_there=stamp is not None,
            kind=atlas.kind,
            built_at=atlas.built_at,
            age_days=age_days,
            is_old=age_days > MAX_AGE_DAYS,
        )

    async def try_address(self, address: str) -> Trial:
        """What the rules say to a caller with this address.

        Raises:
            InvalidRequest: it is no IP address.
        """
        found = read_address(address)
        if found is None:
            raise InvalidRequest(f"{address[:100]!r} is no IP address", param="address")
        return await self._tried(found, told="", by_proxy=False)

    async def try_request(self, peer: str, headers: Headers) -> Trial:
        """What the rules say to a request from a TCP peer with these headers, their names in lower case.

        Raises:
            InvalidRequest: the peer is no IP address.
        """
        if read_address(peer) is None:
            raise InvalidRequest(f"{peer[:100]!r} is no IP address", param="peer")
        caller = self._guard.find_caller(peer, headers)
        return await self._tried(caller.address, told=caller.told, by_proxy=caller.by_proxy)

    async def _tried(self, address: Address | None, *, told: str, by_proxy: bool) -> Trial:
        decision = self._guard.judge(address, told)
        country, source = told, CountrySource.HEADER
        if not told:
            try:
                atlas = await self._find_atlas()
            except CannotStart:
                atlas = None
            country = atlas.country_of(address) if atlas and address else ""
            source = CountrySource.FILE if country else CountrySource.NOBODY
        return Trial(address, by_proxy, decision, why(decision), country, source)

    async def _find_atlas(self) -> Atlas | None:
        """The file of the guard; or, where the rules need none, the one that lies there all the same.

        Raises:
            CannotStart: it cannot be used.
        """
        if self._guard.atlas is not None:
            return self._guard.atlas
        stamp = await asyncio.to_thread(find_stamp, self._settings.country_file)
        if stamp != self._stamp or stamp is None:
            self._atlas = None
            if stamp is not None:
                self._atlas = await asyncio.to_thread(Atlas.read, self._settings.country_file)
            self._stamp = stamp
        return self._atlas


def why(decision: Decision) -> str:
    """Which rule decided, in words."""
    if decision.rule is Rule.COUNTRY_ALLOW:
        lists = "lists" if decision.allowed else "does not list"
        return f"country_allow {lists} {decision.country}"
    return _WHY[decision.rule].format(network=decision.network, country=decision.country)


def _shown(value: object) -> str | bool | list[str]:
    if isinstance(value, bool):
        return value
    return [str(one) for one in value] if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of texts
