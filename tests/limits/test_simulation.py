"""Gateways on one database, simulated: a virtual clock, crashes, messages that come late, twice or in another order.

Every run is decided by its seed, which a failure names; `WEFT_SIMULATION_SEED` runs that one alone, and
`WEFT_SIMULATION_RUNS` more of them.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection

from databases import new_sqlite
from limits.gateways import MODELS, TEAMS, USERS, Clock, Process, allowance, usage
from limits.reference import Reference
from weft.kit import bulk
from weft.kit.db import Database
from weft.ledger.holds import Settlement
from weft.ledger.owners import BEAT_S, LAPSE_S, find_orphans, interrupted
from weft.ledger.proof.verify import verify
from weft.limits.admission import HoldRequest
from weft.limits.types import LimitKind

STEPS = 300
FIRST_SEED = 1_000
RUNS = int(os.environ.get("WEFT_SIMULATION_RUNS", "12"))
ONLY = os.environ.get("WEFT_SIMULATION_SEED")


@dataclass
class Simulation:
    """One world. Whatever happens is an event with a moment; what is due happens in the order of the dice."""

    database: Database
    seed: int
    monkeypatch: pytest.MonkeyPatch
    clock: Clock = field(default_factory=Clock)
    reference: Reference = field(default_factory=Reference)
    processes: list[Process] = field(default_factory=list[Process])
    due: list[tuple[int, str, Callable[[], None]]] = field(
        default_factory=list[tuple[int, str, Callable[[], None]]]
    )
    """When, by which owner, what."""
    births: int = 0
    requests: int = 0
    settled: dict[str, int] = field(default_factory=dict[str, int])

    def run(self) -> None:
        self.dice = random.Random(self.seed)
        # The heartbeat's clock is the database's; here it is the world's.
        self.monkeypatch.setattr("weft.ledger.owners.clock_us", self._now_us)
        for _ in range(3):
            self._birth()
        for _ in range(STEPS):
            self._step()
        self._calm()
        self._check()
        for process in self.processes:
            process.connection.close()

    def _now_us(self, connection: Connection) -> int:
        del connection
        return self.clock.now_us

    def _birth(self) -> None:
        self.births += 1
        process = Process(self.database, self.clock, f"gw_{self.births}")
        self.processes.append(process)
        self._beat(process)

    def _beat(self, process: Process) -> None:
        now_us, owner = self.clock.now_us, process.ledger.owner

        def write(connection: Connection) -> None:
            bulk.run(
                connection,
                "INSERT INTO ledger_owner (id, started_at_us, heartbeat_at_us) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET heartbeat_at_us = excluded.heartbeat_at_us",
                (owner, now_us, now_us),
            )

        process.commit(write, durable=False)
        self._later(BEAT_S, owner, lambda: self._beat(process))

    def _later(self, seconds: float, owner: str, what: Callable[[], None]) -> None:
        self.due.append((self.clock.now_us + int(seconds * 1e6), owner, what))

    def _step(self) -> None:
        roll = self.dice.random()
        if roll < 0.35:
            self._arrive()
        elif roll < 0.40 and len(self.processes) > 1:
            self._crash()
        elif roll < 0.44 and len(self.processes) < 4:
            self._birth()
        elif roll < 0.50:
            self._sweep(self.dice.choice(self.processes))
        else:
            self._pass_time(self.dice.choice([0.05, 0.3, 1, 2, 2, 5, 13]))

    def _pass_time(self, seconds: float) -> None:
        """What is due by then happens; what is due within the same second in any order."""
        until_us = self.clock.now_us + int(seconds * 1e6)
        while ready := [event for event in self.due if event[0] <= until_us]:
            first = min(event[0] for event in ready)
            near = [event for event in ready if event[0] < first + 1_000_000]
            event = self.dice.choice(near)
            self.due.remove(event)
            self.clock.now_us = max(self.clock.now_us, event[0])
            event[2]()
        self.clock.now_us = until_us

    def _arrive(self) -> None:
        """A group of requests waits for admission."""
        process = self.dice.choice(self.processes)
        batch = [self._request() for _ in range(self.dice.randint(1, 6))]
        process.commit(lambda c: process.admission.apply(c, batch), durable=False)
        for wanted in batch:
            expected = self.reference.judge(wanted, self.clock.now_us)
            if isinstance(expected, LimitKind):
                assert wanted.denial is not None
                assert wanted.denial.limit.kind is expected
                continue
            assert wanted.hold is not None
            assert wanted.hold.amount_nusd == expected
            owner = process.ledger.owner
            self.reference.admit(wanted, expected, owner, self.clock.now_us)
            took = self.dice.choice([0.1, 0.5, 2, 8, 30])
            self._later(took, owner, lambda it=wanted: self._finish(process, it))

    def _request(self) -> HoldRequest:
        self.requests += 1
        dice = self.dice
        team, user, model = dice.choice(TEAMS), dice.choice(USERS), dice.choice(MODELS)
        project, key = f"proj_{team[-1]}", f"key_{team[-1]}{user[-1]}"
        want = dice.randint(0, 500)
        return HoldRequest(
            id=f"req_{self.requests:06}",
            team_id=team,
            project_id=project,
            user_id=user,
            key_id=key,
            model_id=model,
            stream=dice.random() < 0.5,
            started_at_us=self.clock.now_us,
            want_nusd=want,
            least_nusd=dice.choice([want, want // 4]),
            tokens=dice.randint(1, 100),
            allowance=allowance(team, project, user, key, model),
        )

    def _finish(self, process: Process, wanted: HoldRequest) -> None:
        """The answer is there: settle it, perhaps twice, as after a commit whose outcome got lost."""
        cost, tokens = self.dice.randint(0, 600), self.dice.randint(0, 150)
        for _ in range(self.dice.choice([1, 1, 1, 2])):
            settlement = Settlement(usage(wanted, cost, tokens), wanted.token_scopes)
            process.commit(lambda c, it=settlement: process.ledger.apply_settlements(c, [it]))
            if wanted.id in self.reference.holds:
                assert not settlement.lapsed
                charged = self.reference.settle(wanted.id, cost, tokens, self.clock.now_us)
                self.settled[wanted.id] = charged
            else:
                assert settlement.lapsed is (wanted.id not in self.settled)

    def _crash(self) -> None:
        """A process is gone with all that it was about to do."""
        process = self.processes.pop(self.dice.randrange(len(self.processes)))
        process.connection.close()
        self.due = [event for event in self.due if event[1] != process.ledger.owner]

    def _sweep(self, process: Process) -> None:
        with self.database.read() as connection:
            orphans = find_orphans(connection)
        for hold in orphans:
            settlement = Settlement(interrupted(hold, self.clock.now_us))
            process.commit(lambda c, it=settlement: process.ledger.apply_settlements(c, [it]))
            assert not settlement.lapsed
            owner = self.reference.holds[hold.id].owner
            assert owner not in {each.ledger.owner for each in self.processes}, "it was alive"
            self.reference.settle(hold.id, 0, hold.tokens, self.clock.now_us)

    def _calm(self) -> None:
        """Nothing new comes; within the time of a lapse nothing is open any more."""
        self._pass_time(31)
        self._pass_time(LAPSE_S)
        self._sweep(self.processes[0])
        assert not self.reference.holds

    def _check(self) -> None:
        with self.database.read() as connection:
            assert bulk.run(connection, "SELECT COUNT(*) FROM ledger_hold")[0][0] == 0
            rows = bulk.run(
                connection, "SELECT id, cost_nusd FROM usage WHERE outcome = 'completed'"
            )
            earned = bulk.run(
                connection,
                "SELECT SUM(amount_nusd) FROM ledger_entry WHERE account_id = 'house/revenue'",
            )
            findings = [found for found in verify(connection).findings if "price" not in found.what]
        assert dict(rows) == self.settled
        assert int(earned[0][0] or 0) == sum(self.settled.values())
        assert findings == []


SEEDS = [int(ONLY)] if ONLY else [FIRST_SEED + run for run in range(RUNS)]


@pytest.mark.parametrize("seed", SEEDS)
def test_gateways_when_they_crash_and_messages_are_late_then_the_books_hold(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_sqlite(tmp_path / "weft.db")
    try:
        Simulation(database, seed, monkeypatch).run()
    except AssertionError as error:
        pytest.fail(f"seed {seed}; again: WEFT_SIMULATION_SEED={seed} pytest {__file__}\n{error}")
    finally:
        database.close()
