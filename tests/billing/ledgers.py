"""Money for the tests of billing: grants, charges with their usage, and what the books say after."""

from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import text

from identity.house import HandClock
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.money import NanoUsd
from weft.ledger.accounts import REVENUE, Entry, GrantKind, TransactionKind, burn, owed
from weft.ledger.grants import Cause, TeamBalance, balance_of, give_grant, list_grants, new_grant
from weft.ledger.posting import Head
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.store import insert_usage
from weft.ledger.windows import day_of

USD = 1_000_000_000
_ADD = (
    "INSERT INTO ledger_spend (scope_id, day, spent_nusd) VALUES (:scope, :day, :spent)"
    " ON CONFLICT (scope_id, day) DO UPDATE SET spent_nusd = ledger_spend.spent_nusd + excluded.spent_nusd"
)


@dataclass
class Books:
    """The ledger of a test. Time is the clock's."""

    database: Database
    clock: HandClock
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def now_us(self) -> int:
        return to_us(self.clock.now())

    def give(
        self,
        team_id: str,
        amount: int,
        *,
        kind: GrantKind = GrantKind.PROMOTIONAL,
        expires_at_us: int | None = None,
    ) -> str:
        cause = Cause(f"test:{next(self.numbers)}", "ada")
        grant = new_grant(
            team_id,
            kind,
            amount,
            cause=cause,
            now_us=self.now_us(),
            expires_at_us=expires_at_us,
        )
        with self.database.write() as connection:
            head = Head(connection, self.now_us())
            give_grant(connection, head, grant)
            head.save()
        return grant.id

    def charge(
        self,
        team_id: str,
        cost: int,
        *,
        project_id: str = "proj_a",
        model_id: str = "weft/tiny",
        tokens: Tokens | None = None,
        price_version: str = "weft/tiny@2026-01-01",
    ) -> str:
        """One request, charged as the ledger does: credit in burn order, then what is owed."""
        number = next(self.numbers)
        request_id = f"req_{number:032x}"
        with self.database.write() as connection:
            head = Head(connection, self.now_us())
            grants = [
                (each.grant, each.left_nusd)
                for each in list_grants(connection, team_id, self.now_us())
            ]
            entries, rest = burn(cost, grants, self.now_us())
            sides: list[Entry] = [*entries, (owed(team_id), -rest), (REVENUE, cost)]
            seq = head.append(
                TransactionKind.CHARGE,
                request_id,
                team_id,
                [side for side in sides if side[1]],
                content_hash="test",
            )
            head.save()
            record = UsageRecord(
                id=request_id,
                started_at_us=self.now_us(),
                user_id="user_ada",
                team_id=team_id,
                project_id=project_id,
                key_id="key_k",
                model_id=model_id,
                served_model_id=model_id,
                engine="llama_cpp",
                status=200,
                outcome=Outcome.COMPLETED,
                error_code="",
                stream=True,
                tokens=tokens or Tokens(input=100, cached_input=40, output=20, reasoning=5),
                usage_source=UsageSource.ENGINE,
                price_version=price_version,
                cost_nusd=NanoUsd(cost),
                queue_us=10,
                ttft_us=2_500,
                total_us=90_000,
                posted_at_us=head.posted_at_us,
                seq=seq,
            )
            insert_usage(connection, [record])
            day = day_of(head.posted_at_us)
            connection.execute(text(_ADD), {"scope": team_id, "day": day, "spent": cost})
        return request_id

    def balance(self, team_id: str) -> TeamBalance:
        with self.database.read() as connection:
            return balance_of(connection, team_id, self.now_us())

    def sum_of_entries(self) -> int:
        with self.database.read() as connection:
            return int(
                connection.execute(
                    text("SELECT COALESCE(SUM(amount_nusd), 0) FROM ledger_entry")
                ).scalar_one()
            )

    def transactions(self, kind: str) -> int:
        with self.database.read() as connection:
            found = connection.execute(
                text("SELECT COUNT(*) FROM ledger_transaction WHERE kind = :kind"), {"kind": kind}
            )
            return int(found.scalar_one())
