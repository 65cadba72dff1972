"""Any sequence of grants, charges, expiries, payments, adjustments and refunds, against a model of two dictionaries."""

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import Connection, text

from ledger.proof.books import DAY_US, PRICE, post, record_price, request, settle_all
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.kit.ids import new_id
from weft.ledger.accounts import EXPIRED, GrantKind
from weft.ledger.grants import (
    Cause,
    adjust,
    balance_of,
    expire_grants,
    give_grant,
    list_grants,
    new_grant,
    record_payment,
    refund,
)
from weft.ledger.proof.verify import verify

ORDER = [
    GrantKind.PLAN,
    GrantKind.PROMOTIONAL,
    GrantKind.ADJUSTMENT,
    GrantKind.REFUND,
    GrantKind.PURCHASED,
]


@dataclass
class Left:
    """A grant as the model knows it."""

    kind: GrantKind
    left: int
    expires: int | None
    created: int


@dataclass
class Model:
    """Grants by id, what is owed, and what each charge took: from credit, and from what is owed."""

    grants: dict[str, Left] = field(default_factory=dict[str, Left])
    owed: int = 0
    charges: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def order(self) -> list[str]:
        def key(grant_id: str) -> tuple[int, bool, int, int, str]:
            grant = self.grants[grant_id]
            never = grant.expires is None
            return ORDER.index(grant.kind), never, grant.expires or 0, grant.created, grant_id

        return sorted(self.grants, key=key)

    def charge(self, request_id: str, amount: int, now: int) -> None:
        rest = amount
        for grant_id in self.order():
            grant = self.grants[grant_id]
            if grant.expires is None or now < grant.expires:
                part = min(grant.left, rest)
                grant.left -= part
                rest -= part
        self.owed += rest
        self.charges[request_id] = (amount - rest, rest)

    def credit(self, now: int) -> int:
        valid = (g for g in self.grants.values() if g.expires is None or now < g.expires)
        return sum(grant.left for grant in valid)


class Machine(RuleBasedStateMachine):
    """Every example has a team of its own, so that one database serves them all."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.team = new_id("team")
        self.model = Model()
        self.expired = 0
        with database.read() as connection:  # nothing is posted earlier than what is there
            last = connection.execute(text("SELECT posted_at_us FROM ledger_head")).scalar_one()
        self.now = int(last) + DAY_US

    def _expired(self, connection: Connection) -> int:
        found = connection.execute(
            text(
                "SELECT SUM(e.amount_nusd) FROM ledger_transaction t"
                " JOIN ledger_entry e ON e.seq = t.seq"
                " WHERE t.team_id = :team AND e.account_id = :account"
            ),
            {"team": self.team, "account": EXPIRED},
        ).scalar()
        return int(found or 0)

    def _cause(self) -> Cause:
        return Cause(new_id("src"), "ada")

    @rule(
        kind=st.sampled_from(GrantKind),
        amount=st.integers(1, 3_000_000),
        days=st.none() | st.integers(1, 5),
    )
    def give(self, kind: GrantKind, amount: int, days: int | None) -> None:
        expires = None if days is None else self.now + days * DAY_US
        cause = self._cause()
        grant = new_grant(
            self.team, kind, amount, cause=cause, now_us=self.now, expires_at_us=expires
        )
        given = post(self.database, lambda c, h: give_grant(c, h, grant), self.now)
        again = new_grant(self.team, kind, amount + 1, cause=cause, now_us=self.now)
        assert post(self.database, lambda c, h: give_grant(c, h, again), self.now) == given
        self.model.grants[given.id] = Left(kind, amount, expires, self.now)

    @rule(number=st.integers(0, 2_000))
    def spend(self, number: int) -> None:
        record = msgspec.structs.replace(
            request(number, team=self.team), id=new_id("req"), started_at_us=self.now
        )
        settle_all(self.database, [record], self.now)
        self.model.charge(record.id, record.cost_nusd, self.now)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.now += days * DAY_US

    @rule()
    def expire(self) -> None:
        post(self.database, expire_grants, self.now)
        for grant in self.model.grants.values():
            if grant.expires is not None and grant.expires <= self.now:
                self.expired += grant.left
                grant.left = 0

    @rule(amount=st.integers(1, 2_000_000))
    def pay(self, amount: int) -> None:
        cause = self._cause()
        if amount > self.model.owed:
            with pytest.raises(InvalidRequest):
                self._pay(amount, cause)
            return
        assert self._pay(amount, cause) == self._pay(amount, cause)
        self.model.owed -= amount

    def _pay(self, amount: int, cause: Cause) -> int:
        return post(
            self.database,
            lambda c, h: record_payment(c, h, self.team, amount, cause=cause),
            self.now,
        )

    @rule(amount=st.integers(-1_000_000, 1_000_000).filter(bool))
    def correct(self, amount: int) -> None:
        amount = min(amount, self.model.owed)
        if amount:
            cause = self._cause()
            post(self.database, lambda c, h: adjust(c, h, self.team, amount, cause=cause), self.now)
            self.model.owed -= amount

    @precondition(lambda self: self.model.charges)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.charges)))
        paid, owed = self.model.charges.pop(request_id)
        cause = Cause("", "ada", "broken")

        def back() -> str:
            given = post(
                self.database, lambda c, h: refund(c, h, request_id, cause=cause), self.now
            )
            return given.id if given else ""

        credit_id = back()
        assert back() == credit_id
        off = min(owed, self.model.owed)
        self.model.owed -= off
        if credit_id:
            left = paid + owed - off
            self.model.grants[credit_id] = Left(GrantKind.REFUND, left, None, self.now)

    @invariant()
    def books_agree_with_the_model(self) -> None:
        with self.database.read() as connection:
            balance = balance_of(connection, self.team, self.now)
            grants = list_grants(connection, self.team, self.now)
            expired = self._expired(connection)
        assert balance.credit_nusd == self.model.credit(self.now)
        assert balance.owed_nusd == self.model.owed
        assert [each.grant.id for each in grants] == self.model.order()
        assert [each.left_nusd for each in grants] == [
            self.model.grants[grant_id].left for grant_id in self.model.order()
        ]
        assert expired == self.expired

    def teardown(self) -> None:
        with self.database.read() as connection:
            assert verify(connection).findings == ()


def test_grants_when_anything_happens_in_any_order_then_as_the_model(database: Database) -> None:
    record_price(database, PRICE)
    quick = settings(
        max_examples=25,
        stateful_step_count=20,
        suppress_health_check=[HealthCheck.too_slow],
        deadline=None,
    )

    class OnThisDatabase(Machine):
        def __init__(self) -> None:
            super().__init__(database)

    run_machine(OnThisDatabase, settings=quick)
