"""`/api/country`: the rules about countries and networks as they are, and trying them. For admins of the server."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator

from weft.identity.types import User
from weft.limits.country.rules import Rule
from weft.limits.country.view import CountrySource, CountryView, Trial
from weft.limits.routes.parts import Parts
from weft.limits.routes.rights import require_server_admin

_Address = Annotated[str, Field(max_length=64)]


class RuleSettingInfo(BaseModel):
    """One setting of the rules."""

    key: str
    value: str | bool | list[str]
    is_default: bool
    origin: str
    """`default`, a file with its line, a variable or a flag."""
    variable: str
    description: str


class CountryFileInfo(BaseModel):
    """The country file as it lies there."""

    path: str
    is_needed: bool
    is_there: bool
    kind: str
    built_at: datetime | None
    age_days: int | None
    is_old: bool
    """Older than 60 days."""
    trouble: str
    """Why it cannot be used; empty where it can."""


class CountryRules(BaseModel):
    """The rules that are in force."""

    is_on: bool
    """Whether any rule can refuse anybody."""
    by_country: bool
    test_mode: bool
    settings: list[RuleSettingInfo]
    file: CountryFileInfo


class TestHeader(BaseModel):
    """A header of the request to try."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64)]
    value: Annotated[str, Field(max_length=4096)]


class CountryTest(BaseModel):
    """Whom to try: an address; or a request as it would arrive, by its peer and what proxies told."""

    model_config = ConfigDict(extra="forbid")

    address: _Address = ""
    peer: _Address = ""
    headers: Annotated[list[TestHeader], Field(max_length=16)] = []

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.address) == bool(self.peer):
            msg = "give either `address` or `peer`"
            raise ValueError(msg)
        return self


class CountryVerdict(BaseModel):
    """What the rules say."""

    allowed: bool
    rule: Rule
    """The setting that decided; `none`: no rule is against it."""
    why: str
    address: str | None
    """The caller's; null where a trusted proxy tells none that can be read."""
    by_proxy: bool
    """Whether a trusted proxy named it."""
    country: str | None
    country_source: CountrySource
    network: str | None
    """Where a network decided: which."""


def router(parts: Parts) -> APIRouter:
    """The routes; none where nobody handed the rules in."""
    routes = APIRouter(prefix="/api/country", tags=["limits"])
    view = parts.country
    if view is not None:
        _add(routes, parts, view)
    return routes


def _add(routes: APIRouter, parts: Parts, view: CountryView) -> None:
    @routes.get("")
    async def show_country_rules(caller: Annotated[User, Depends(parts.signed_in)]) -> CountryRules:
        """The rules about countries and networks, where each comes from, and the country file."""
        require_server_admin(caller, "see the rules about countries")
        file = await view.file()
        return CountryRules(
            is_on=view.is_on,
            by_country=view.rules.by_country,
            test_mode=view.is_test,
            settings=[RuleSettingInfo(**asdict(one)) for one in view.settings()],
            file=CountryFileInfo.model_validate({**asdict(file), "path": str(file.path)}),
        )

    @routes.post("/test")
    async def try_country_rules(
        caller: Annotated[User, Depends(parts.signed_in)], wanted: CountryTest
    ) -> CountryVerdict:
        """Whether a caller would be let in, by which rule, and from which country it is taken to be."""
        require_server_admin(caller, "try the rules about countries")
        if wanted.address:
            return _verdict(await view.try_address(wanted.address))
        headers = [
            (one.name.lower().encode(), one.value.encode("latin-1", "replace"))
            for one in wanted.headers
        ]
        return _verdict(await view.try_request(wanted.peer, headers))

    _ = (show_country_rules, try_country_rules)


def _verdict(trial: Trial) -> CountryVerdict:
    decision = trial.decision
    return CountryVerdict(
        allowed=decision.allowed,
        rule=decision.rule,
        why=trial.why,
        address=None if trial.address is None else str(trial.address),
        by_proxy=trial.by_proxy,
        country=trial.country or None,
        country_source=trial.source,
        network=decision.network or None,
    )
