"""The real ledger and admission against the reference, on both databases: two processes, crashes, jumps of time."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection

from databases import PostgresServer
from limits.gateways import MODELS, TEAMS, USERS, Clock, Process, allowance, usage
from limits.reference import Reference
from weft.app.storage import MIGRATIONS
from weft.kit import bulk
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.kit.money import NanoUsd
from weft.ledger.accounts import PRIORITIES, Grant, GrantKind
from weft.ledger.grants import give_grant
from weft.ledger.holds import Settlement
from weft.ledger.owners import interrupted
from weft.ledger.posting import Head
from weft.limits.admission import HoldRequest
from weft.limits.types import LimitKind


class PlannedCrash(Exception):
    """A process dies inside a transaction."""


class MoneyMachine(RuleBasedStateMachine):
    """Rules are what gateways, admins and accidents do; invariants hold after each."""

    make_database: Callable[[ExitStack], Database]

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.database = type(self).make_database(self.stack)
        self.clock = Clock()
        self.reference = Reference()
        self.processes = [Process(self.database, self.clock, name) for name in ("gw_a", "gw_b")]
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            for process in self.processes:
                process.connection.close()
            self.stack.close()

    def _request(self, draw: Any) -> HoldRequest:
        team, user, model, want, floor, tokens = draw
        self.number += 1
        project, key = f"proj_{team[-1]}", f"key_{team[-1]}{user[-1]}"
        return HoldRequest(
            id=f"req_{self.number:04}",
            team_id=team,
            project_id=project,
            user_id=user,
            key_id=key,
            model_id=model,
            stream=False,
            started_at_us=self.clock.now_us,
            want_nusd=want,
            least_nusd=want if floor is None else min(want, floor),
            tokens=tokens,
            allowance=allowance(team, project, user, key, model),
        )

    requests = st.tuples(
        st.sampled_from(TEAMS),
        st.sampled_from(USERS),
        st.sampled_from(MODELS),
        st.integers(0, 700),
        st.none() | st.integers(0, 200),
        st.integers(1, 200),
    )

    @rule(who=st.integers(0, 1), drawn=st.lists(requests, min_size=1, max_size=4))
    def admit(self, who: int, drawn: list[Any]) -> None:
        batch = [self._request(each) for each in drawn]
        process = self.processes[who]
        process.commit(lambda c: process.admission.apply(c, batch), durable=False)
        for wanted in batch:
            expected = self.reference.judge(wanted, self.clock.now_us)
            if isinstance(expected, LimitKind):
                assert wanted.hold is None
                assert wanted.denial is not None
                assert wanted.denial.limit.kind is expected
            else:
                assert wanted.denial is None
                assert wanted.hold is not None
                assert wanted.hold.amount_nusd == expected
                owner = process.ledger.owner
                self.reference.admit(wanted, expected, owner, self.clock.now_us)

    @rule(who=st.integers(0, 1), drawn=st.lists(requests, min_size=1, max_size=3))
    def admit_and_crash(self, who: int, drawn: list[Any]) -> None:
        batch = [self._request(each) for each in drawn]
        process = self.processes[who]

        def die(connection: Connection) -> None:
            process.admission.apply(connection, batch)
            raise PlannedCrash

        with pytest.raises(PlannedCrash):
            process.commit(die)

    @precondition(lambda self: self.reference.holds)
    @rule(
        who=st.integers(0, 1),
        which=st.lists(st.integers(0, 30), min_size=1, max_size=3),
        share=st.integers(0, 150),
        tokens=st.integers(0, 300),
    )
    def settle(self, who: int, which: list[int], share: int, tokens: int) -> None:
        open_ids = sorted(self.reference.holds)
        chosen = sorted({open_ids[index % len(open_ids)] for index in which})
        process = self.processes[who]
        batch: list[Settlement] = []
        for request_id in chosen:
            hold = self.reference.holds[request_id]
            record = usage(hold.wanted, hold.amount * share // 100, tokens)
            batch.append(Settlement(record, hold.wanted.token_scopes))
        process.commit(lambda c: process.ledger.apply_settlements(c, batch))
        for settlement in batch:
            assert not settlement.lapsed
            record = settlement.record
            self.reference.settle(record.id, record.cost_nusd, tokens, self.clock.now_us)
        again = Settlement(batch[0].record)
        process.commit(lambda c: process.ledger.apply_settlements(c, [again]))
        assert not again.lapsed, "the same end of the same request is no error, and no charge"

    @precondition(lambda self: self.reference.holds)
    @rule(who=st.integers(0, 1), which=st.integers(0, 30))
    def settle_and_crash(self, who: int, which: int) -> None:
        open_ids = sorted(self.reference.holds)
        hold = self.reference.holds[open_ids[which % len(open_ids)]]
        process = self.processes[who]

        def die(connection: Connection) -> None:
            settlement = Settlement(usage(hold.wanted, hold.amount, 1))
            process.ledger.apply_settlements(connection, [settlement])
            raise PlannedCrash

        with pytest.raises(PlannedCrash):
            process.commit(die)

    @rule(dead=st.integers(0, 1))
    def die_and_be_swept(self, dead: int) -> None:
        victim, other = self.processes[dead], self.processes[1 - dead]
        owner = victim.ledger.owner
        orphans = [hold for hold in self.reference.holds.values() if hold.owner == owner]
        victim.connection.close()
        self.processes[dead] = Process(self.database, self.clock, f"{owner}+")
        for orphan in orphans:
            hold = orphan.wanted.hold
            assert hold is not None
            settlement = Settlement(interrupted(hold, self.clock.now_us))
            other.commit(lambda c, it=settlement: other.ledger.apply_settlements(c, [it]))
            assert not settlement.lapsed
            self.reference.settle(hold.id, 0, orphan.wanted.tokens, self.clock.now_us)
            late = Settlement(usage(orphan.wanted, orphan.amount, 1))
            other.commit(lambda c, it=late: other.ledger.apply_settlements(c, [it]))
            assert late.lapsed, "who was given up cannot charge any more"

    @rule(
        team=st.sampled_from(TEAMS),
        kind=st.sampled_from([GrantKind.PURCHASED, GrantKind.PROMOTIONAL, GrantKind.REFUND]),
        amount=st.integers(1, 900),
        hours=st.none() | st.integers(1, 60),
    )
    def grant(self, team: str, kind: GrantKind, amount: int, hours: int | None) -> None:
        self.number += 1
        expires = None if hours is None else self.clock.now_us + hours * 3_600_000_000
        grant = Grant(
            f"grant_{self.number:04}",
            team,
            kind,
            f"test:{self.number}",
            NanoUsd(amount),
            PRIORITIES[kind],
            self.clock.now_us,
            expires,
            "",
            "admin",
        )
        with self.database.write() as connection:
            head = Head(connection, self.clock.now_us)
            give_grant(connection, head, grant)
            head.save()
        self.reference.grants.append([grant, amount])

    @rule(seconds=st.sampled_from([0.001, 1, 20, 61, 3_600, 86_400, 40 * 86_400]))
    def wait(self, seconds: float) -> None:
        self.clock.now_us += int(seconds * 1e6)

    @invariant()
    def books_are_in_order(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as connection:
            self._check(connection)

    def _check(self, connection: Connection) -> None:
        def rows(sql: str) -> list[tuple[Any, ...]]:
            return bulk.run(connection, sql)

        sums = rows("SELECT seq, SUM(amount_nusd) FROM ledger_entry GROUP BY seq")
        assert all(int(total) == 0 for _, total in sums)
        by_entry = rows("SELECT account_id, SUM(amount_nusd) FROM ledger_entry GROUP BY account_id")
        cached = dict(rows("SELECT account_id, balance_nusd FROM ledger_balance"))
        assert {account: int(total) for account, total in by_entry} == cached
        assert all(left >= 0 for account, left in cached.items() if account.startswith("grant"))
        reference = self.reference
        charged = sum(cost for _, _, cost in reference.charges)
        assert cached.get("house/revenue", 0) == charged
        for team in TEAMS:
            assert -cached.get(f"{team}/owed", 0) == reference.owed.get(team, 0)
        assert {row[0] for row in rows("SELECT id FROM ledger_hold")} == set(reference.holds)
        spent = rows("SELECT SUM(spent_nusd) FROM ledger_spend WHERE scope_id LIKE 'team%'")
        assert int(spent[0][0] or 0) == charged
        posted = rows("SELECT seq FROM ledger_transaction ORDER BY seq")
        assert [row[0] for row in posted] == list(range(1, len(posted) + 1))


def steps(examples: int) -> settings:
    """So many stories of forty steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def test_money_when_anything_happens_on_sqlite_then_it_is_as_the_reference_says() -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template.db")
        database = Database(template)
        migrate(database, MIGRATIONS)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        database.close()

        class OnSqlite(MoneyMachine):
            @staticmethod
            def make_database(stack: ExitStack) -> Database:
                place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)), "w.db")
                shutil.copy(template, place)
                database = Database(place)
                stack.callback(database.close)
                return database

        run_state_machine_as_test(OnSqlite, settings=steps(60))


def test_money_when_anything_happens_on_postgresql_then_it_is_as_the_reference_says(
    postgres: PostgresServer, postgres_template: str
) -> None:
    class OnPostgresql(MoneyMachine):
        @staticmethod
        def make_database(stack: ExitStack) -> Database:
            name = postgres.create(postgres_template)
            stack.callback(postgres.drop, name)
            database = Database(postgres.url(name))
            stack.callback(database.close)
            return database

    run_state_machine_as_test(OnPostgresql, settings=steps(15))
