"""Custom providers with their keys: looked up, changed, removed, tried.

A key belongs to one provider of one project, and to the scheme, host and port that it was entered for. Objects are
written by whoever may write to the project, with any client; so a provider whose URL was changed elsewhere gets no key,
or whoever may change a URL could have it sent to themselves.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection

from weft.evals.providers.reach import Place, Reach, check_key, place_of
from weft.evals.providers.seal import KeySeal
from weft.evals.providers.shelf import (
    find_provider,
    model_object_id,
    model_value,
    no_such_provider,
    provider_value,
    read_providers,
)
from weft.evals.providers.store import SealedKey, delete_key, find_key, list_keys, put_key
from weft.evals.providers.types import MAX_PROVIDERS, Provider, ProviderModel
from weft.evals.shelf import Shelf
from weft.identity.audit.store import record
from weft.identity.audit.types import Actor, Detail, Value
from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.errors import EngineFailed, Unprocessable
from weft.traces.objects.write import delete_versions
from weft.traces.types import ProjectKey
from weft.upstream import UpstreamError

MAX_LIST_BYTES = 4 * 1024 * 1024
SHOWN_CHARS = 300


class KeyForAnotherPlace(Unprocessable):
    """The provider's key was entered for another server than its URL names now."""

    code = "provider_key_for_another_place"


class TooManyProviders(Unprocessable):
    """The project has as many as it may."""

    code = "too_many_providers"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a provider is to be."""

    base_url: str
    headers: dict[str, str]
    models: tuple[ProviderModel, ...]
    api_key: str | None
    """None: the one that is there stays; empty: there is none any more."""


@dataclass(frozen=True, slots=True)
class Way:
    """All that it takes to ask a provider."""

    provider: Provider
    place: Place
    key: str


class _Listed(msgspec.Struct):
    id: str = ""


class _List(msgspec.Struct):
    data: list[_Listed] = []


@dataclass(frozen=True, slots=True)
class ProviderBook:
    """The providers of all projects."""

    database: Database
    """Of everything but traces: the keys are there."""
    shelf: Shelf
    seal: KeySeal
    reach: Reach

    async def listed(self, project_id: str) -> tuple[list[Provider], dict[str, SealedKey]]:
        """The providers of a project by name, and the keys of those that have one."""
        providers = await self.shelf.store.read(project_id, read_providers, empty=[])
        keys = await self.database.read_soon(lambda c: list_keys(c, project_id))
        return providers, {key.provider: key for key in keys}

    async def get(self, project_id: str, name: str) -> Provider:
        """One provider.

        Raises:
            NoSuchProvider: there is none of this name.
        """
        found = await self.shelf.store.read(
            project_id, lambda c, key: find_provider(c, key, name), empty=None
        )
        if found is None:
            known = await self.shelf.store.read(project_id, read_providers, empty=[])
            raise self.shelf.store.missing(no_such_provider(name, known))
        return found

    async def way(self, project_id: str, name: str) -> Way:
        """The way to a provider, with its key.

        Raises:
            WeftError: there is no such provider, its URL will not do, or its key is for another place.
        """
        provider = await self.get(project_id, name)
        place = place_of(provider.base_url, provider.headers)
        kept = await self.database.read_soon(lambda c: find_key(c, project_id, name))
        if kept is None or not provider.api_key_name:
            return Way(provider, place, "")
        if kept.origin != place.name:
            raise KeyForAnotherPlace(
                f"The API key of {name} was set for {kept.origin}, and its base URL is at {place.name} now",
                param="api_key",
                remedy="Set the key again, under Settings, AI providers.",
            )
        return Way(provider, place, self.seal.open(kept.sealed, _context(kept)))

    async def save(self, visitor: Visitor, name: str, wanted: Wanted) -> Provider:
        """Make a provider, or change it: a new version of each object that differs.

        Raises:
            WeftError: something about it will not do, or its address may not be reached.
        """
        place = place_of(wanted.base_url, wanted.headers)
        if wanted.api_key:
            check_key(place, wanted.api_key)
        with contextlib.suppress(
            EngineFailed
        ):  # a name that is not there yet loses nobody's typing
            await self.reach.check(place)
        providers, keys = await self.listed(visitor.project_id)
        before = next((one for one in providers if one.name == name), None)
        if before is None and len(providers) >= MAX_PROVIDERS:
            raise TooManyProviders(f"a project has at most {MAX_PROVIDERS} providers")
        kept = keys.get(name) if before is not None else None
        if wanted.api_key is None and kept is not None and kept.origin != place.name:
            raise KeyForAnotherPlace(
                f"The API key was set for {kept.origin}; it is not sent to {place.name}",
                param="api_key",
                remedy="Enter the key for the new base URL, or remove it.",
            )
        has_key = bool(wanted.api_key) or (wanted.api_key is None and kept is not None)
        await self._publish(visitor, name, wanted, before, has_key=has_key)
        await self._keep_key(visitor, name, place, wanted, keeps=kept is not None)
        return await self.get(visitor.project_id, name)

    async def remove(self, visitor: Visitor, name: str) -> None:
        """Remove a provider: its objects and its key.

        Raises:
            NoSuchProvider: there is none of this name.
        """
        provider = await self.get(visitor.project_id, name)
        project_id = visitor.project_id
        origin = provider.base_url

        def forget(connection: Connection) -> None:
            delete_key(connection, project_id, name)
            self._tell(connection, visitor, "provider.remove", name, {"base_url": origin})

        await self.database.write_soon(forget)
        gone = [name, *(model_object_id(name, model.name) for model in provider.models)]
        await self._delete(visitor, gone)

    async def models(self, way: Way) -> list[str]:
        """The models that a provider lists: the test of its URL and key.

        Raises:
            EngineFailed: it does not answer, or not with a list.
            ProviderAddressRefused: it may not be reached.
        """
        pool = await self.reach.pool(way.place)
        try:
            response = await pool.send(way.place.head("GET", "/models", way.key).render(None))
            raw = await response.read(MAX_LIST_BYTES)
        except UpstreamError as error:
            raise EngineFailed(
                f"The provider at {way.place.name} does not answer: {error}",
                remedy="Check the base URL, and that the provider's server runs.",
            ) from error
        if response.status != 200:
            raise refused_by(way, response.status, raw)
        try:
            listed = msgspec.json.decode(raw, type=_List)
        except msgspec.DecodeError as error:
            raise EngineFailed(
                f"The provider at {way.place.name} answered with no list of models",
                remedy="Check the base URL: most end in /v1.",
            ) from error
        return sorted({model.id for model in listed.data if model.id})

    async def _keep_key(
        self, visitor: Visitor, name: str, place: Place, wanted: Wanted, *, keeps: bool
    ) -> None:
        """Write the key down, or forget it, and tell the audit log of the whole change."""
        project_id, key = visitor.project_id, wanted.api_key
        at_us = to_us(self.shelf.clock.now())
        row = SealedKey(project_id, name, place.name, b"", at_us, visitor.user_id)
        sealed = replace(row, sealed=self.seal.close(key, _context(row))) if key else None
        detail: dict[str, Value] = {
            "base_url": wanted.base_url,
            "models": [model.name for model in wanted.models],
            "key": "set" if key else "kept" if key is None and keeps else "none",
        }

        def work(connection: Connection) -> None:
            if sealed is not None:
                put_key(connection, sealed)
            elif key == "" or not keeps:  # none may be left of an earlier provider of the name
                delete_key(connection, project_id, name)
            self._tell(connection, visitor, "provider.save", name, detail)

        await self.database.write_soon(work)

    def _tell(
        self, connection: Connection, visitor: Visitor, action: str, name: str, detail: Detail
    ) -> None:
        record(
            connection,
            by=Actor(visitor.username, visitor.user_id),
            action=action,
            subject=f"{visitor.name}/{name}",
            team=visitor.team_id,
            detail=detail,
            now=self.shelf.clock.now(),
        )

    async def _publish(
        self,
        visitor: Visitor,
        name: str,
        wanted: Wanted,
        before: Provider | None,
        *,
        has_key: bool,
    ) -> None:
        value = provider_value(name, wanted.base_url, wanted.headers, has_key=has_key)
        ref = await self.shelf.publish(visitor, name, value)
        for model in wanted.models:
            object_id = model_object_id(name, model.name)
            await self.shelf.publish(visitor, object_id, model_value(model, ref))
        kept = {model_object_id(name, model.name) for model in wanted.models}
        old = {model_object_id(name, model.name) for model in (before.models if before else ())}
        await self._delete(visitor, sorted(old - kept))

    async def _delete(self, visitor: Visitor, object_ids: Sequence[str]) -> None:
        at_us = to_us(self.shelf.clock.now())

        def work(connection: Connection, key: ProjectKey) -> None:
            for object_id in object_ids:
                delete_versions(connection, key, object_id, None, at_us)

        if object_ids:
            await self.shelf.store.change(visitor.project_id, work)


def refused_by(way: Way, status: int, raw: bytes) -> EngineFailed:
    """What a provider's refusal of our key, path or address means to whoever asked."""
    text = said(way, raw)
    if status in (401, 403):
        return EngineFailed(
            f"The provider {way.provider.name} refused its API key ({status})",
            remedy="Set the key again, under Settings, AI providers.",
            metadata={"engine": text, "engine_status": status},
        )
    if 300 <= status < 400:
        return EngineFailed(
            f"The provider {way.provider.name} answered with a redirect ({status}), which is not followed",
            remedy="Write the URL that it leads to as the provider's base URL.",
            metadata={"engine_status": status},
        )
    return EngineFailed(
        f"The provider {way.provider.name} answered {status}",
        remedy="Check the provider's base URL, which most have end in /v1, and the model's name.",
        metadata={"engine": text, "engine_status": status},
    )


def said(way: Way, raw: bytes) -> str:
    """The beginning of what a provider said; never its key, should it repeat that."""
    text = raw.decode(errors="replace")
    return (text.replace(way.key, "***") if way.key else text)[:SHOWN_CHARS]


def _context(key: SealedKey) -> tuple[str, ...]:
    return (key.project_id, key.provider, key.origin)
