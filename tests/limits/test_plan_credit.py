"""The credit that a plan includes: once a month, and the difference when the plan changes."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from limits.gateways import Clock, Process, allowance
from weft.kit import bulk
from weft.kit.db import Database
from weft.ledger.proof.verify import verify
from weft.limits.admission import HoldRequest
from weft.limits.types import Allowance, PlanCredit


@contextmanager
def gateway(database: Database, clock: Clock) -> Generator[Process]:
    process = Process(database, clock, "gw")
    yield process
    process.connection.close()


def admit(process: Process, number: int, plan: str, included: int) -> HoldRequest:
    limits = allowance("team_a", "proj_a", "user_u", "key_k", "m").limits
    wanted = HoldRequest(
        id=f"req_{number}",
        team_id="team_a",
        project_id="proj_a",
        user_id="user_u",
        key_id="key_k",
        model_id="m",
        stream=False,
        started_at_us=0,
        want_nusd=1,
        least_nusd=1,
        tokens=1,
        allowance=Allowance(plan, limits[5:], prepaid=True, credit=PlanCredit(plan, included)),
    )
    process.commit(lambda c: process.admission.apply(c, [wanted]), durable=False)
    return wanted


def plan_grants(database: Database) -> list[int]:
    with database.read() as connection:
        assert verify(connection).findings == ()
        rows = bulk.run(
            connection, "SELECT amount_nusd FROM ledger_grant ORDER BY created_at_us, id"
        )
    return [amount for (amount,) in rows]


def test_plan_credit_when_the_plan_changes_within_a_month_then_the_difference_is_given(
    database: Database,
) -> None:
    clock = Clock()
    with gateway(database, clock) as process:
        for number, (plan, included) in enumerate(
            [("free", 500), ("free", 500), ("pro", 2000), ("free", 500), ("pro", 2000)]
        ):
            clock.now_us += 1
            assert admit(process, number, plan, included).hold is not None
    assert plan_grants(database) == [500, 1500]


def test_plan_credit_when_a_month_turns_then_it_is_given_again_and_the_old_one_is_over(
    database: Database,
) -> None:
    clock = Clock()
    with gateway(database, clock) as process:
        assert admit(process, 1, "free", 500).hold is not None
        clock.now_us = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1_000_000
        assert admit(process, 2, "free", 500).hold is not None
        assert process.ledger.book.credit_left("team_a") == 500
    assert plan_grants(database) == [500, 500]
