"""The way to a custom provider: its URL is judged, its name looked up once, and what was judged is what is dialled.

Owns the pools of connections, one for each address that a provider was found at. Every request looks the name up and
judges it anew; a pool only ever dials the address that it was made for, so a name that changes its mind in between
leads nowhere else. Redirects are followed by nobody. Invariant: what is refused is never connected to.
"""

import asyncio
import contextlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from weft.kit.errors import EngineFailed, NotPermitted, Overloaded, Unprocessable
from weft.upstream import HeadTemplate, Origin, Pool, Timeouts
from weft.upstream.guard import AddressRefused, Guard

LOOK_UP_S = 5.0
TIMEOUTS = Timeouts(connect_s=10.0, first_byte_s=300.0, idle_s=120.0)
MAX_POOLS = 256
MAX_IN_FLIGHT = 64
"""Requests to one address at a time."""
MAX_HEADERS = 32
URL_CHARS = 2048
HEADER_CHARS = 4096
_SECRET = re.compile(
    r"authorization|cookie|(^|[-_])(api[-_]?)?(key|token|secret)s?$", re.IGNORECASE
)
_METADATA = re.compile(
    r"metadata-flavor|metadata|x-aws-ec2-metadata-.*|x-metadata-token", re.IGNORECASE
)
_SETTING = "provider_allow"


class BadProvider(Unprocessable):
    """A provider's URL or headers will not do."""

    code = "invalid_provider"


class ProviderAddressRefused(NotPermitted):
    """The provider is at an address that only this server's admin can open."""

    code = "provider_address_refused"


class ProviderBusy(Overloaded):
    """Too many requests to the provider are open."""

    code = "provider_busy"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider is, as its URL says."""

    origin: Origin
    prefix: str
    """The path before `/chat/completions`."""
    headers: Sequence[tuple[bytes, bytes]]

    @property
    def name(self) -> str:
        """Scheme, host and port: what a key is entered for."""
        return str(self.origin)

    def head(self, method: str, path: str, key: str) -> HeadTemplate:
        """The head of a request below the prefix."""
        headers = list(self.headers)
        if key:
            headers.append((b"Authorization", b"Bearer " + key.encode()))
        if method == "POST":
            headers.append((b"Content-Type", b"application/json"))
        host = self.origin.authority
        return HeadTemplate(method, self.prefix + path, host=host, headers=headers)


def place_of(base_url: str, headers: Mapping[str, str]) -> Place:
    """Where a provider is.

    Raises:
        BadProvider: its URL or one of its headers will not do.
    """
    if len(base_url) > URL_CHARS:
        raise BadProvider(f"a base URL has at most {URL_CHARS} characters", param="base_url")
    try:
        origin, prefix = Origin.parse(base_url)
    except ValueError as error:
        raise BadProvider(
            f"The base URL will not do: {error}",
            param="base_url",
            remedy="Write it as https://host/v1, without a name and password; the key has a field of its own.",
        ) from error
    pairs = _checked(headers)
    place = Place(origin, prefix, pairs)
    try:
        place.head("POST", "/chat/completions", "")
    except ValueError as error:
        raise BadProvider(f"The headers will not do: {error}", param="headers") from error
    return place


def check_key(place: Place, key: str) -> None:
    """Raise `BadProvider` if `key` cannot be sent; it is not repeated."""
    try:
        place.head("GET", "/models", key)
    except (ValueError, UnicodeEncodeError) as error:
        raise BadProvider(
            "The API key holds characters that no header may hold",
            param="api_key",
            remedy="Copy the key again, without blanks and line ends.",
        ) from error


class Reach:
    """Ways to providers. For one event loop; `close` it when done."""

    def __init__(self, guard: Guard, timeouts: Timeouts = TIMEOUTS) -> None:
        self._guard = guard
        self._timeouts = timeouts
        self._pools: OrderedDict[Origin, Pool] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    async def pool(self, place: Place) -> Pool:
        """Connections to the address that `place` has at this moment.

        Raises:
            ProviderAddressRefused: it may not be reached.
            EngineFailed: there is no such name.
            ProviderBusy: too much is open already.
        """
        origin = place.origin
        address = await self.check(place)
        name = origin.server_name or origin.host
        pinned = replace(origin, host=address, server_name=name if origin.tls else None)
        pool = self._pools.get(pinned)
        if pool is None:
            self._make_room()
            pool = self._pools[pinned] = Pool(pinned, timeouts=self._timeouts, max_idle=8)
        self._pools.move_to_end(pinned)
        if pool.in_flight >= MAX_IN_FLIGHT:
            raise ProviderBusy(
                f"{MAX_IN_FLIGHT} requests to {place.name} are open", retry_after_s=2
            )
        return pool

    async def check(self, place: Place) -> str:
        """The address of `place` at this moment, judged; see `pool` for what is raised."""
        origin = place.origin
        try:
            async with asyncio.timeout(LOOK_UP_S):
                return await self._guard.resolve(origin.host, origin.port)
        except AddressRefused as refused:
            raise ProviderAddressRefused(
                f"{refused.host} is at {refused.address}, which is no public address",
                param="base_url",
                remedy="Ask whoever runs this server to open it: the setting"
                f' {_SETTING} = ["{_entry(origin)}"] (WEFT_{_SETTING.upper()}={_entry(origin)}).',
            ) from refused
        except (OSError, TimeoutError, UnicodeError) as error:
            raise EngineFailed(
                f"There is no server of the name {origin.host}",
                remedy="Check the provider's base URL, and that this server can look names up.",
            ) from error

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        pools, self._pools = list(self._pools.values()), OrderedDict()
        for pool in pools:
            await _close(pool)
        if self._closing:
            await asyncio.wait(self._closing, timeout=1.0)

    def _make_room(self) -> None:
        """Close the pool that was used longest ago, of those that rest."""
        if len(self._pools) < MAX_POOLS:
            return
        for origin, pool in self._pools.items():
            if not pool.in_flight:
                del self._pools[origin]
                task = asyncio.get_running_loop().create_task(_close(pool))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
                return
        raise ProviderBusy("too many providers are in use at once", retry_after_s=2)


async def _close(pool: Pool) -> None:
    with contextlib.suppress(TimeoutError):  # a socket that lingers is of no consequence
        await pool.close()


def _entry(origin: Origin) -> str:
    return f"[{origin.host}]" if ":" in origin.host else f"{origin.host}:{origin.port}"


def _checked(headers: Mapping[str, str]) -> Sequence[tuple[bytes, bytes]]:
    if len(headers) > MAX_HEADERS:
        raise BadProvider(f"a provider has at most {MAX_HEADERS} headers", param="headers")
    for name, value in headers.items():
        if len(name) + len(value) > HEADER_CHARS:
            raise BadProvider(
                f"a header has at most {HEADER_CHARS} characters", param=f"headers.{name[:64]}"
            )
        if _METADATA.fullmatch(name):
            raise BadProvider(
                "This header opens the metadata of clouds and is never sent",
                param=f"headers.{name[:64]}",
                remedy="Leave it out.",
            )
        if _SECRET.search(name):
            raise BadProvider(
                f"The header {name[:64]} looks like a secret, and everybody in the project reads headers",
                param=f"headers.{name[:64]}",
                remedy="Put the secret into the API key: it is sent as `Authorization: Bearer`, and shown to nobody.",
            )
    return tuple((name.encode(), value.encode()) for name, value in headers.items())
