"""The book: what the writer of this process knows by heart of the ledger, so that admitting costs no query.

Counts of open holds, credit that is left, spend of the windows that somebody is limited in, rates of this minute. All
of it can be had from the tables at any time; the book is only right while the head's version is the one that it left,
so every use begins with `open`, inside a transaction that holds the head, and ends with `close`. Another process's
write, or a transaction of our own that failed, has another version: then everything is forgotten and loaded as needed.

Not for use by several threads: it belongs to the writer's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.money import NanoUsd
from weft.ledger.accounts import Grant, GrantKind, burn_key, is_valid
from weft.ledger.posting import Head
from weft.ledger.windows import Days, day_of, minute_of, month_of, year_of

_HOLDS = (
    "SELECT team_id, project_id, user_id, key_id, model_id, COUNT(*), SUM(amount_nusd)"
    " FROM ledger_hold GROUP BY team_id, project_id, user_id, key_id, model_id"
)
_GRANTS = (
    "SELECT g.id, g.team_id, g.kind, g.source, g.amount_nusd, g.priority, g.created_at_us,"
    " g.expires_at_us, g.note, g.made_by, b.balance_nusd"
    " FROM ledger_grant g JOIN ledger_balance b ON b.account_id = g.id"
    " WHERE b.balance_nusd > 0 AND g.team_id IN ({keys})"
)
_SPEND = (
    "SELECT scope_id, SUM(spent_nusd) FROM ledger_spend"
    " WHERE day >= ? AND day <= ? AND scope_id IN ({keys}) GROUP BY scope_id"
)
_RATES = (
    "SELECT scope_id, requests, tokens FROM ledger_rate WHERE minute = ? AND scope_id IN ({keys})"
)
_SPEND_COLUMNS = ("scope_id", "day", "spent_nusd")
_ADD_SPEND = (
    "ON CONFLICT (scope_id, day) DO UPDATE SET"
    " spent_nusd = ledger_spend.spent_nusd + excluded.spent_nusd"
)
_RATE_COLUMNS = ("scope_id", "minute", "requests", "tokens")
_ADD_RATE = (
    "ON CONFLICT (scope_id, minute) DO UPDATE SET"
    " requests = ledger_rate.requests + excluded.requests,"
    " tokens = ledger_rate.tokens + excluded.tokens"
)

Scopes = tuple[str, str, str, str]
"""The ids of a request's key, user, project and team."""


class Book:
    """Counts by heart. Times are microseconds, amounts nano-dollars."""

    def __init__(self) -> None:
        self._version: int | None = None
        self.now_us = self.day = self.minute = 0
        self._forget()

    def _forget(self) -> None:
        self.in_flight: defaultdict[str, int] = defaultdict(int)
        """Open holds by user, project, and `project model`."""
        self.reserved: defaultdict[str, int] = defaultdict(int)
        """What open holds reserve, by key, user, project and team."""
        self._credit: dict[str, list[tuple[Grant, int]]] = {}
        self._sources: set[str] = set()
        self._spent: dict[tuple[str, Days], int] = {}
        self._rates: dict[tuple[str, int], list[int]] = {}
        self._new_spend: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._new_rates: dict[tuple[str, int], list[int]] = {}
        self._has_holds = False

    def open(self, connection: Connection, head: Head) -> None:
        """Begin: everything that follows is as of `head`."""
        now_us = head.posted_at_us
        if self._version != head.version or day_of(now_us) != self.day:
            self._forget()  # with each day, so that what nobody asks about any more is let go
        self._version = None  # until `close`, in case the work in between fails
        self.now_us = now_us
        self.day = day_of(now_us)
        self.minute = minute_of(self.now_us)
        if not self._has_holds:
            self._load_holds(connection)

    def close(self, connection: Connection, head: Head) -> None:
        """End: write what was counted, and the head."""
        if self._new_spend:
            rows = [(scope, day, nusd) for (scope, day), nusd in sorted(self._new_spend.items())]
            bulk.insert(connection, "ledger_spend", _SPEND_COLUMNS, rows, _ADD_SPEND)
            self._new_spend.clear()
        if self._new_rates:
            rates = [(scope, minute, *n) for (scope, minute), n in sorted(self._new_rates.items())]
            bulk.insert(connection, "ledger_rate", _RATE_COLUMNS, rates, _ADD_RATE)
            self._new_rates.clear()
        self._version = head.save()

    # Holds.

    def _load_holds(self, connection: Connection) -> None:
        for team, project, user, key, model, count, amount in bulk.run(connection, _HOLDS):
            self._count_hold((key, user, project, team), model, int(count), int(amount))
        self._has_holds = True

    def add_hold(self, scopes: Scopes, model_id: str, amount_nusd: int) -> None:
        """A hold was opened."""
        self._count_hold(scopes, model_id, 1, amount_nusd)

    def drop_hold(self, scopes: Scopes, model_id: str, amount_nusd: int) -> None:
        """A hold was closed."""
        self._count_hold(scopes, model_id, -1, -amount_nusd)

    def _count_hold(self, scopes: Scopes, model_id: str, count: int, amount_nusd: int) -> None:
        key, user, project, team = scopes
        in_flight, reserved = self.in_flight, self.reserved
        in_flight[user] += count
        in_flight[project] += count
        in_flight[f"{project} {model_id}"] += count
        if amount_nusd:
            reserved[key] += amount_nusd
            reserved[user] += amount_nusd
            reserved[project] += amount_nusd
            reserved[team] += amount_nusd

    # Credit.

    def load_credit(self, connection: Connection, team_ids: Iterable[str]) -> None:
        """Know the grants of these teams."""
        missing = sorted({team for team in team_ids if team not in self._credit})
        if not missing:
            return
        for team in missing:
            self._credit[team] = []
        for *columns, left in bulk.run_in(connection, _GRANTS, missing):
            grant = _grant(columns)
            self._credit[grant.team_id].append((grant, left))
        for team in missing:
            self._credit[team].sort(key=lambda pair: burn_key(pair[0]))

    def credit(self, team_id: str) -> Sequence[tuple[Grant, int]]:
        """The team's grants with what is left of each, in burn order. Load it first."""
        return self._credit[team_id]

    def credit_left(self, team_id: str) -> int:
        """What the team may still burn now, open holds not counted. Load it first."""
        return sum(left for grant, left in self._credit[team_id] if is_valid(grant, self.now_us))

    def add_grant(self, grant: Grant) -> None:
        """A grant was given in this transaction."""
        grants = self._credit.get(grant.team_id)
        if grants is not None:
            grants.append((grant, grant.amount_nusd))
            grants.sort(key=lambda pair: burn_key(pair[0]))

    def is_known_source(self, source: str) -> bool:
        """Whether a grant of this source is known to have been given."""
        return source in self._sources

    def know_source(self, source: str) -> None:
        """A grant of this source was given, now or before."""
        self._sources.add(source)

    def burnt(self, team_id: str, parts: Sequence[tuple[str, int]]) -> None:
        """Grants paid these (negative) amounts."""
        paid = dict(parts)
        self._credit[team_id] = [
            (grant, rest)
            for grant, left in self._credit[team_id]
            if (rest := left + paid.get(grant.id, 0)) > 0
        ]

    # Spend.

    def load_spend(self, connection: Connection, wanted: Iterable[tuple[str, Days]]) -> None:
        """Know what these scopes spent within these days."""
        missing: defaultdict[Days, list[str]] = defaultdict(list)
        for scope_id, days in wanted:
            if (scope_id, days) not in self._spent:
                self._spent[scope_id, days] = 0
                missing[days].append(scope_id)
        for days, scopes in missing.items():
            for scope_id, nusd in bulk.run_in(connection, _SPEND, scopes, days):
                self._spent[scope_id, days] = int(nusd)

    def spent(self, scope_id: str, days: Days) -> int:
        """What a scope was charged within these days. Load it first."""
        return self._spent[scope_id, days]

    def add_charge(self, scopes: Scopes, amount_nusd: int) -> None:
        """A charge was posted."""
        day = self.day
        for scope_id in scopes:
            self._new_spend[scope_id, day] += amount_nusd
        if not self._spent:  # nobody is limited
            return
        spans: tuple[Days, Days, Days] = ((day, day), month_of(day), year_of(day))
        for scope_id in scopes:
            for days in spans:
                if (scope_id, days) in self._spent:
                    self._spent[scope_id, days] += amount_nusd

    # Rates.

    def load_rates(self, connection: Connection, scope_ids: Iterable[str]) -> None:
        """Know the rates of these scopes within this minute."""
        minute = self.minute
        missing = sorted({scope for scope in scope_ids if (scope, minute) not in self._rates})
        if not missing:
            return
        for stale in [key for key in self._rates if key[1] < minute]:
            del self._rates[stale]
        for scope_id in missing:
            self._rates[scope_id, minute] = [0, 0]
        for scope_id, requests, tokens in bulk.run_in(connection, _RATES, missing, (minute,)):
            self._rates[scope_id, minute] = [requests, tokens]

    def rate(self, scope_id: str) -> tuple[int, int]:
        """Requests and tokens within this minute. Load it first."""
        requests, tokens = self._rates[scope_id, self.minute]
        return requests, tokens

    def add_rate(self, scope_id: str, minute: int, requests: int, tokens: int) -> None:
        """Requests were admitted, or their tokens became known."""
        for rates in (self._rates, self._new_rates):
            counts = rates.get((scope_id, minute))
            if counts is not None:
                counts[0] += requests
                counts[1] += tokens
            elif rates is self._new_rates:
                rates[scope_id, minute] = [requests, tokens]


def _grant(columns: Sequence[bulk.Value]) -> Grant:
    id_, team_id, kind, source, amount, priority, created, expires, note, made_by = columns
    return Grant(
        id=str(id_),
        team_id=str(team_id),
        kind=GrantKind(str(kind)),
        source=str(source),
        amount_nusd=NanoUsd(_int(amount)),
        priority=_int(priority),
        created_at_us=_int(created),
        expires_at_us=None if expires is None else _int(expires),
        note=str(note),
        made_by=str(made_by),
    )


def _int(value: bulk.Value) -> int:
    assert isinstance(value, int)
    return value
