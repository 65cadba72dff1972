"""Asks the rules about each request: who called, from which country, and what the rules say to it.

Owns the country file and its changes, and remembers decisions: a request costs one look into a bounded table, keyed by
the peer's address; behind a trusted proxy also by what it told. Without any rule there is no guard at all.
Knows no HTTP server: it is given the peer's address and the headers. Invariant: a header counts only from a trusted
proxy, and in test mode only on a server that nobody else can reach.
"""

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import structlog

from weft.kit.errors import CannotStart
from weft.kit.settings import Settings
from weft.limits.country.address import Headers, find_client, list_of, read_address, read_hops
from weft.limits.country.atlas import Atlas, find_stamp
from weft.limits.country.codes import find_code
from weft.limits.country.networks import LOOPBACK, Address, find_network, networks
from weft.limits.country.rules import Decision, Rules

LOOK_INTERVAL_S = 30.0
"""How often the country file is looked at for a change."""
REMEMBERED = 65_536
"""Decisions, of each kind."""
REMEMBERED_BYTES = 160
"""The longest list of hops whose decision is remembered: three IPv6 addresses."""
TEST_ADDRESS = b"x-weft-test-address"
TEST_COUNTRY = b"x-weft-test-country"
_TOLD_BY_PROXIES = frozenset({b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"})
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called."""

    address: Address | None
    """None where a trusted proxy tells none that can be read."""
    told: str = ""
    """Its country, by a trusted proxy's word."""
    by_proxy: bool = False
    """Whether a trusted proxy named it; otherwise it opened the connection itself."""


class CountryGuard:
    """The rules at work, on one event loop."""

    def __init__(self, rules: Rules, settings: Settings) -> None:
        """Read the country file, if these rules need it.

        Raises:
            CannotStart: the file cannot be used, or test mode is on where others could call.
        """
        self.rules = rules
        self._testing = settings.country_test
        if self._testing:
            _check_test_mode(settings)
        self._trusted = networks(settings.trusted_proxies)
        self._forwarded = settings.forwarded_header.encode()
        self._country_header = settings.country_header.encode()
        self._path = settings.country_file
        self.atlas: Atlas | None = None
        # A proxy that tells the country makes the file optional; otherwise the rules are blind without it.
        blind = not (self._trusted and self._country_header)
        self._stamp = find_stamp(self._path) if rules.by_country else None
        if self._stamp is not None or (rules.by_country and blind):
            self.atlas = Atlas.read(self._path)
        self._is_plain = not (self._trusted or self._testing)
        self._recall = lru_cache(maxsize=REMEMBERED)(self._judge)
        self._recall_hops = lru_cache(maxsize=REMEMBERED)(self._judge_hops)
        self._trusts = lru_cache(maxsize=REMEMBERED)(self._is_trusted)

    @classmethod
    def open(cls, settings: Settings) -> Self | None:
        """A guard for the rules that the settings state; None if they state none.

        Raises:
            CannotStart: a rule makes no sense, or the country file cannot be used.
        """
        rules = Rules.from_settings(settings)
        return cls(rules, settings) if rules.is_on else None

    def decide(self, peer: str, headers: Headers) -> Decision:
        """What the rules say to a request from the TCP peer `peer` with these headers."""
        if self._is_plain:
            return self._recall(peer, "")
        if self._trusts(peer):
            return self._behind_proxies(peer, headers)
        if self._testing:
            return self._tested(peer, headers)
        return self._recall(peer, "")

    @property
    def remembered(self) -> int:
        """How many answers it holds in memory."""
        tables = (self._recall, self._recall_hops, self._trusts)
        return sum(table.cache_info().currsize for table in tables)

    def judge(self, address: Address | None, told: str = "") -> Decision:
        """What the rules say to an address; `told` is its country by a trusted proxy's word, if it gave one."""
        decision = self.rules.find_by_network(address)
        if decision is None and address is not None:
            decision = self.rules.by(told or (self.atlas.country_of(address) if self.atlas else ""))
        assert decision is not None, "without an address the rules decide at once"
        return decision

    def find_caller(self, peer: str, headers: Headers) -> Caller:
        """Whom the rules take for the caller, and by whose word: the same that `decide` judges, for people."""
        address = read_address(peer)
        if address is None or not self._trusts(peer):
            return Caller(address)
        hops = read_hops(list_of(headers, self._forwarded), self._forwarded)
        behind = None if hops is None else find_client(address, hops, self._trusted)
        return Caller(behind, self._told(headers), by_proxy=True)

    async def watch(self) -> None:
        """Look after the country file until cancelled: a new one is taken, a broken one is told of and left."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            await self.look()

    async def look(self) -> None:
        """Take the country file anew if it has changed; one that cannot be used changes nothing."""
        if not self.rules.by_country:
            return
        stamp = await asyncio.to_thread(find_stamp, self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp  # told of once, not at every look
        try:
            atlas = await asyncio.to_thread(Atlas.read, self._path)
        except CannotStart as error:
            _log.warning("country_file_rejected", reason=error.message, kept=self.atlas is not None)
            return
        self.atlas = atlas
        self._recall.cache_clear()
        self._recall_hops.cache_clear()
        _log.info("country_file_loaded", kind=atlas.kind, built_at=atlas.built_at.isoformat())

    def _behind_proxies(self, peer: str, headers: Headers) -> Decision:
        hops, told = list_of(headers, self._forwarded), self._told(headers)
        # A caller chooses the length of the list: a long one is not remembered.
        judge = self._recall_hops if len(hops) <= REMEMBERED_BYTES else self._judge_hops
        return judge(peer, hops, told)

    def _told(self, headers: Headers) -> str:
        """The country that a trusted proxy tells, if it tells one."""
        if not self._country_header:
            return ""
        values = {value for name, value in headers if name == self._country_header}
        return find_code(values.pop().decode("latin-1")) if len(values) == 1 else ""

    def _judge_hops(self, peer: str, told_hops: bytes, told: str) -> Decision:
        proxy, hops = read_address(peer), read_hops(told_hops, self._forwarded)
        if proxy is None or hops is None:
            return self.judge(None, told)
        return self.judge(find_client(proxy, hops, self._trusted), told)

    def _tested(self, peer: str, headers: Headers) -> Decision:
        address = read_address(peer)
        local = address is not None and find_network(address, LOOPBACK) is not None
        if not local or any(name in _TOLD_BY_PROXIES for name, _ in headers):
            return self._recall(peer, "")
        said = dict(headers)
        if (text := said.get(TEST_COUNTRY)) is not None:
            return self.rules.by(find_code(text.decode("latin-1")))
        return self._recall(said.get(TEST_ADDRESS, peer.encode()).decode("latin-1"), "")

    def _judge(self, address: str, told: str) -> Decision:
        return self.judge(read_address(address), told)

    def _is_trusted(self, peer: str) -> bool:
        address = read_address(peer)
        return address is not None and find_network(address, self._trusted) is not None


def _check_test_mode(settings: Settings) -> None:
    """Refuse to start where a stranger could use what is meant for trying.

    A proxy on this machine calls from loopback too, so being called from there proves nothing: nothing may hint at one.
    """
    reached = [
        name
        for name, holds in (
            (f"host = {settings.host}", settings.host not in _LOOPBACK_HOSTS),
            ("public_url", bool(settings.public_url)),
            ("trusted_proxies", bool(settings.trusted_proxies)),
        )
        if holds
    ]
    if reached:
        raise CannotStart(
            f"country_test is for a server that only this machine can reach, and {', '.join(reached)} says otherwise;"
            " turn country_test off"
        )
    _log.warning("country_test_mode", note="callers on this machine may say where they come from")
