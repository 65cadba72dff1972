"""What admission and settlement mean, said as simply as can be: lists, and sums over them. Slow and obvious."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from weft.ledger.accounts import Grant, GrantKind
from weft.limits.admission import HoldRequest
from weft.limits.types import Limit, LimitKind, Period


@dataclass
class OpenHold:
    wanted: HoldRequest
    owner: str
    amount: int
    at_us: int

    @property
    def scopes(self) -> tuple[str, str, str, str]:
        wanted = self.wanted
        return wanted.key_id, wanted.user_id, wanted.project_id, wanted.team_id


@dataclass
class Reference:
    """All that ever happened, and what follows from it."""

    holds: dict[str, OpenHold] = field(default_factory=dict[str, OpenHold])
    charges: list[tuple[int, tuple[str, ...], int]] = field(
        default_factory=list[tuple[int, tuple[str, ...], int]]
    )
    """When, whose, how much."""
    admitted: list[tuple[int, HoldRequest]] = field(default_factory=list[tuple[int, HoldRequest]])
    tokens: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    """In which minute, whose, how many: estimates, and what corrects them."""
    grants: list[list[Grant | int]] = field(default_factory=list[list[Grant | int]])
    plan_months: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    owed: dict[str, int] = field(default_factory=dict[str, int])

    def judge(self, wanted: HoldRequest, now_us: int) -> int | LimitKind:
        """The amount of the hold, or which kind of limit is in the way."""
        if wanted.allowance.credit is not None:
            self._plan_credit(wanted, now_us)
        room = wanted.want_nusd
        scarce: LimitKind | None = None
        for limit in wanted.allowance.limits:
            if limit.kind is LimitKind.SPEND:
                rest = limit.max - self.spent(limit, now_us) - self._reserved(limit.scope_id)
                if wanted.want_nusd and rest < room:
                    room, scarce = rest, limit.kind
            elif self._count(limit, now_us) + _asks(limit, wanted) > limit.max:
                return limit.kind
        if wanted.allowance.prepaid and wanted.want_nusd:
            rest = self.credit(wanted.team_id, now_us) - self._reserved(wanted.team_id)
            if rest < room:
                room, scarce = rest, LimitKind.CREDITS
        if scarce is not None and room < wanted.least_nusd:
            return scarce
        return room

    def admit(self, wanted: HoldRequest, amount: int, owner: str, now_us: int) -> None:
        self.holds[wanted.id] = OpenHold(wanted, owner, amount, now_us)
        self.admitted.append((now_us, wanted))
        for scope in wanted.allowance.rate_scopes:
            self.tokens.append((now_us // 60_000_000, scope, wanted.tokens))

    def settle(self, request_id: str, cost: int, used_tokens: int, now_us: int) -> int:
        """Close a hold; what was charged."""
        hold = self.holds.pop(request_id)
        charged = rest = min(cost, hold.amount)
        if charged:
            self.charges.append((now_us, hold.scopes, charged))
        for pair in self.in_burn_order(hold.wanted.team_id, hold.at_us):
            part = min(_left(pair), rest)
            pair[1] = _left(pair) - part
            rest -= part
        team = hold.wanted.team_id
        self.owed[team] = self.owed.get(team, 0) + rest
        if hold.at_us // 60_000_000 == now_us // 60_000_000:
            for scope in hold.wanted.allowance.token_scopes:
                self.tokens.append((now_us // 60_000_000, scope, used_tokens - hold.wanted.tokens))
        return charged

    def credit(self, team: str, now_us: int) -> int:
        return sum(_left(pair) for pair in self.in_burn_order(team, now_us))

    def in_burn_order(self, team: str, at_us: int) -> list[list[Grant | int]]:
        valid = [
            pair
            for pair in self.grants
            if (grant := _grant(pair)).team_id == team
            and (grant.expires_at_us is None or at_us < grant.expires_at_us)
        ]
        return sorted(
            valid,
            key=lambda pair: (
                _grant(pair).priority,
                _grant(pair).expires_at_us or float("inf"),
                _grant(pair).created_at_us,
                _grant(pair).id,
            ),
        )

    def spent(self, limit: Limit, now_us: int) -> int:
        window = _window(now_us, limit.period)
        return sum(
            cost
            for at_us, scopes, cost in self.charges
            if limit.scope_id in scopes and _window(at_us, limit.period) == window
        )

    def _reserved(self, scope_id: str) -> int:
        return sum(hold.amount for hold in self.holds.values() if scope_id in hold.scopes)

    def _count(self, limit: Limit, now_us: int) -> int:
        minute = now_us // 60_000_000
        if limit.kind is LimitKind.CONCURRENCY:
            return sum(1 for hold in self._open(limit) if hold)
        if limit.kind is LimitKind.REQUESTS:
            return sum(
                limit.scope_id in wanted.allowance.rate_scopes
                for at_us, wanted in self.admitted
                if at_us // 60_000_000 == minute
            )
        return sum(n for at, scope, n in self.tokens if at == minute and scope == limit.scope_id)

    def _open(self, limit: Limit) -> Iterator[OpenHold]:
        for hold in self.holds.values():
            if limit.scope_id in hold.scopes and limit.model_id in {"", hold.wanted.model_id}:
                yield hold

    def _plan_credit(self, wanted: HoldRequest, now_us: int) -> None:
        month = _window(now_us, Period.MONTH)
        credit = wanted.allowance.credit
        assert credit is not None
        if (wanted.team_id, month) in self.plan_months:
            return
        self.plan_months.add((wanted.team_id, month))
        year, number = (int(part) for part in month.split("-"))
        following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
        grant = Grant(
            "grant_plan" + month,
            wanted.team_id,
            GrantKind.PLAN,
            "",
            credit.amount_nusd,  # pyright: ignore[reportArgumentType] - a number is a number
            10,
            now_us,
            int(following.timestamp()) * 1_000_000,
            "",
            "",
        )
        self.grants.append([grant, credit.amount_nusd])


def _asks(limit: Limit, wanted: HoldRequest) -> int:
    return wanted.tokens if limit.kind is LimitKind.TOKENS else 1


def _window(at_us: int, period: Period | None) -> str:
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    forms = {Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m", Period.YEAR: "%Y"}
    assert period is not None
    return moment.strftime(forms[period])


def _grant(pair: list[Grant | int]) -> Grant:
    assert isinstance(pair[0], Grant)
    return pair[0]


def _left(pair: list[Grant | int]) -> int:
    assert isinstance(pair[1], int)
    return pair[1]
