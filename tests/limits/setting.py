"""An office where limits are set: one line each, on a database that holds a team with a project, a user and a key."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert

from identity.house import House
from weft.identity.types import Project, Role, Team, User
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.ledger.schema import hold, rate, spend
from weft.ledger.windows import day_of, minute_of
from weft.limits.changes import Changes
from weft.limits.plans.load import Plans, load_plans
from weft.limits.rules import Authority, Rule, SetLimit, Setter, Subject
from weft.limits.standing import Standings
from weft.limits.subjects import get_subject
from weft.limits.types import LimitKind, LimitScope, Period

USD = 1_000_000_000
ROOT = Setter("root", Authority.SERVER)
OWNER = Setter("olga", Authority.TEAM)


@dataclass
class Office:
    house: House
    plans: Plans = field(default_factory=load_plans)
    default_plan: str = "free"

    def __post_init__(self) -> None:
        self.team: Team = self.house.team("acme")
        self.project: Project = self.house.project(self.team, "web")
        self.ada: User = self.house.user("ada", self.team)
        self.olga: User = self.house.user("olga", self.team, role=Role.ADMIN)
        self.key = self.house.key(self.ada).key
        self.team_key = self.house.key(self.ada, team=self.team).key

    @property
    def database(self) -> Database:
        return self.house.database

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def now_us(self) -> int:
        return to_us(self.now)

    @property
    def changes(self) -> Changes:
        return Changes(self.plans, default_plan=self.default_plan)

    @property
    def standings(self) -> Standings:
        return Standings(self.plans, self.default_plan)

    def subject(self, scope: LimitScope) -> Subject:
        names = {
            LimitScope.TEAM: "acme",
            LimitScope.PROJECT: "acme/web",
            LimitScope.PROJECT_MODEL: "acme/web",
            LimitScope.USER: "ada",
            LimitScope.KEY: self.team_key.id,
        }
        with self.database.read() as connection:
            return get_subject(connection, scope, names[scope])

    def everybody(self) -> list[Subject]:
        scopes = [LimitScope.KEY, LimitScope.USER, LimitScope.PROJECT, LimitScope.TEAM]
        return [self.subject(scope) for scope in scopes]

    def set(
        self,
        scope: LimitScope,
        kind: LimitKind,
        most: int,
        *,
        period: Period | None = None,
        model: str = "",
        by: Setter = ROOT,
        reason: str = "asked for",
    ) -> SetLimit:
        subject = self.subject(scope)
        rule = Rule(kind, scope, subject.id, period, model, most)
        setter = Setter(by.name, by.authority, reason)
        with self.database.write() as connection:
            return self.changes.set_limit(
                connection, subject, rule, setter=setter, now_us=self.now_us
            )

    def end(self, limit_id: str, by: Setter = ROOT) -> SetLimit:
        with self.database.write() as connection:
            return self.changes.end_limit(connection, limit_id, setter=by, now_us=self.now_us)

    def give(self, plan: str, reason: str = "upgrade") -> None:
        with self.database.write() as connection:
            self.changes.set_team_plan(
                connection,
                self.team,
                plan,
                setter=Setter("root", Authority.SERVER, reason),
                now_us=self.now_us,
            )

    def change(self, plan: str, changes: str, reason: str = "new prices") -> None:
        with self.database.write() as connection:
            self.changes.change_plan(
                connection,
                plan,
                changes,
                setter=Setter("root", Authority.SERVER, reason),
                now_us=self.now_us,
            )

    def in_flight(self, request_id: str, *, amount: int = 0, model: str = "m/a") -> None:
        """A request of ada's is being answered."""
        with self.database.write() as connection:
            connection.execute(
                insert(hold).values(
                    id=request_id,
                    owner="gw_1",
                    team_id=self.team.id,
                    project_id=self.project.id,
                    user_id=self.ada.id,
                    key_id=self.team_key.id,
                    model_id=model,
                    stream=False,
                    amount_nusd=amount,
                    tokens=0,
                    started_at_us=self.now_us,
                )
            )

    def spent(self, scope_id: str, amount: int, *, days_ago: int = 0) -> None:
        with self.database.write() as connection:
            connection.execute(
                insert(spend).values(
                    scope_id=scope_id, day=day_of(self.now_us) - days_ago, spent_nusd=amount
                )
            )

    def counted(self, scope_id: str, requests: int, tokens: int, *, minutes_ago: int = 0) -> None:
        with self.database.write() as connection:
            connection.execute(
                insert(rate).values(
                    scope_id=scope_id,
                    minute=minute_of(self.now_us) - minutes_ago,
                    requests=requests,
                    tokens=tokens,
                )
            )
