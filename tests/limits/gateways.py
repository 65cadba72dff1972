"""What the machine and the simulation drive: gateways without a network, whose clock is moved by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection

from weft.kit.batch import GroupCommit
from weft.kit.clock import from_us
from weft.kit.db import Database, begin_write
from weft.kit.money import NanoUsd
from weft.ledger.ledger import Ledger
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.limits.admission import Admission, HoldRequest
from weft.limits.types import Allowance, Limit, LimitKind, LimitScope, Period, PlanCredit

START_US = int(datetime(2026, 11, 29, 23, 0, tzinfo=UTC).timestamp()) * 1_000_000
TEAMS = ("team_a", "team_b")
USERS = ("user_u", "user_v")
MODELS = ("m/one", "m/two")
DAY_CAP, MONTH_CAP, YEAR_CAP, KEY_CAP = 900, 2_500, 6_000, 1_200
PLAN_CREDIT = 700


@dataclass
class Clock:
    now_us: int = START_US

    def now(self) -> datetime:
        return from_us(self.now_us)

    def monotonic_s(self) -> float:
        return self.now_us / 1e6


class NoWriter:
    """The machine calls what the writer's thread would."""


class Process:
    """One gateway: its own view of the books, on a connection of its own."""

    def __init__(self, database: Database, clock: Clock, name: str) -> None:
        self.ledger = Ledger(cast("GroupCommit", NoWriter()), clock, name)
        self.admission = Admission(self.ledger)
        self.connection = database.engine.connect()

    def commit(self, work: Callable[[Connection], None], *, durable: bool = True) -> None:
        begin_write(self.connection, durable=durable)
        try:
            work(self.connection)
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()


def allowance(team: str, project: str, user: str, key: str, model: str) -> Allowance:
    limits = (
        Limit(LimitKind.CONCURRENCY, LimitScope.USER, user, 4),
        Limit(LimitKind.CONCURRENCY, LimitScope.PROJECT, project, 5),
        Limit(LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, project, 3, model_id=model),
        Limit(LimitKind.REQUESTS, LimitScope.KEY, key, 6, Period.MINUTE),
        Limit(LimitKind.TOKENS, LimitScope.PROJECT, project, 500, Period.MINUTE),
        Limit(LimitKind.SPEND, LimitScope.PROJECT, project, DAY_CAP, Period.DAY),
        Limit(LimitKind.SPEND, LimitScope.KEY, key, KEY_CAP, Period.MONTH),
        Limit(LimitKind.SPEND, LimitScope.TEAM, team, MONTH_CAP, Period.MONTH),
        Limit(LimitKind.SPEND, LimitScope.USER, user, YEAR_CAP, Period.YEAR),
    )
    if team == "team_a":
        return Allowance("free", limits, prepaid=True, credit=PlanCredit("free", PLAN_CREDIT))
    return Allowance("pro", limits)


def usage(wanted: HoldRequest, cost: int, tokens: int) -> UsageRecord:
    return UsageRecord(
        id=wanted.id,
        started_at_us=wanted.started_at_us,
        user_id=wanted.user_id,
        team_id=wanted.team_id,
        project_id=wanted.project_id,
        key_id=wanted.key_id,
        model_id=wanted.model_id,
        served_model_id=wanted.model_id,
        engine="fake",
        status=200,
        outcome=Outcome.COMPLETED,
        error_code="",
        stream=wanted.stream,
        tokens=Tokens(input=tokens),
        usage_source=UsageSource.ENGINE,
        price_version="p",
        cost_nusd=NanoUsd(cost),
        queue_us=0,
        ttft_us=0,
        total_us=1,
    )
