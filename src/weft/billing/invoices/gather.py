"""Gathers an invoice from usage and ledger. All reads are of one snapshot, and must agree with each other.

What counts is when a charge was posted, as everywhere (`ledger/proof/statement.py`): the month's part of the chain is
found by halving, since moments never go back along it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from weft.billing.invoices.types import (
    FORMAT,
    CreditLine,
    Invoice,
    MoneyLine,
    UsageLine,
)
from weft.billing.schema import BUYER
from weft.identity.teams import project_names
from weft.identity.types import Team
from weft.kit import bulk
from weft.kit.clock import from_us
from weft.kit.errors import InternalError
from weft.kit.money import format_usd
from weft.ledger.accounts import CASH, GrantKind, TransactionKind, owed
from weft.ledger.prices.store import BookPrice, list_prices
from weft.ledger.proof.statement import Month

_USAGE = (
    "SELECT project_id, served_model_id, price_version, COUNT(*),"
    " SUM(input_tokens - cached_input_tokens), SUM(cached_input_tokens), SUM(output_tokens), SUM(cost_nusd)"
    " FROM usage WHERE team_id = ? AND posted_at_us >= ? AND posted_at_us < ? AND seq BETWEEN ? AND ?"
    " AND served_model_id <> '' GROUP BY project_id, served_model_id, price_version"
)
_MOVED = (
    "SELECT t.kind, e.account_id, SUM(e.amount_nusd) FROM ledger_transaction t"
    " JOIN ledger_entry e ON e.seq = t.seq WHERE t.team_id = ? AND t.seq BETWEEN ? AND ?"
    " GROUP BY t.kind, e.account_id"
)
_SINCE = (
    "SELECT e.account_id, SUM(e.amount_nusd) FROM ledger_transaction t"
    " JOIN ledger_entry e ON e.seq = t.seq WHERE t.team_id = ? AND t.seq > ? GROUP BY e.account_id"
)
_BALANCES = "SELECT account_id, balance_nusd FROM ledger_balance WHERE team_id = ?"
_GRANTS = "SELECT id, kind FROM ledger_grant WHERE team_id = ?"
_SINGLE = (
    "SELECT t.kind, t.posted_at_us, t.content, e.account_id, e.amount_nusd FROM ledger_transaction t"
    " JOIN ledger_entry e ON e.seq = t.seq WHERE t.team_id = ? AND t.seq BETWEEN ? AND ?"
    " AND t.kind IN ('grant', 'payment', 'adjustment', 'payback') ORDER BY t.seq, e.position"
)
_GRANT_TEXT = "SELECT id, source, note FROM ledger_grant WHERE team_id = ? AND kind = 'purchased'"
_KINDS = [kind.value for kind in GrantKind]


class BooksDisagree(InternalError):
    """Usage and ledger say different sums, so that no invoice can be made: `weft ledger verify` finds where."""

    code = "books_disagree"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on an invoice besides figures."""

    number: str
    issued_at: datetime
    seller: str
    note: str
    plan: str
    statement_url: str


def gather(connection: Connection, team: Team, month: Month, frame: Frame) -> Invoice:
    """The invoice of a month, or what it would be so far.

    Raises:
        BooksDisagree: its parts do not add up.
    """
    span = (team.id, month.first_seq, month.last_seq)
    lines = _usage_lines(connection, team.id, month)
    moved: dict[tuple[str, str], int] = {
        (str(kind), str(account)): int(amount)
        for kind, account, amount in bulk.run(connection, _MOVED, span)
    }
    credits_, burnt = _credit_lines(connection, team.id, month, moved)
    debt = owed(team.id)
    overage = -moved.get((TransactionKind.CHARGE, debt), 0)
    closing = -_closing(connection, team.id, month).get(debt, 0)
    opening = closing + sum(amount for (_, account), amount in moved.items() if account == debt)
    cost = sum(line.cost_nusd for line in lines)
    if cost != burnt + overage:
        raise BooksDisagree(
            f"usage of {team.name} in {month.name} cost {format_usd(cost)} USD, and"
            f" {format_usd(burnt + overage)} USD were charged",
            remedy="run `weft ledger verify`: it names the first row that is wrong",
        )
    movements, purchases = _money_lines(connection, team.id, month)
    return Invoice(
        format=FORMAT,
        number=frame.number,
        issued_at=frame.issued_at,
        month=month.name,
        first_day=_day(month.from_us),
        last_day=_day(month.until_us - 1),
        seller=frame.seller,
        buyer=find_buyer(connection, team.id) or team.name,
        note=frame.note,
        team_id=team.id,
        team=team.name,
        plan=frame.plan,
        lines=lines,
        cost_nusd=cost,
        credits=credits_,
        burnt_nusd=burnt,
        overage_nusd=overage,
        brought_forward_nusd=opening,
        movements=movements,
        owed_nusd=closing,
        purchases=purchases,
        last_seq=month.last_seq,
        last_hash=month.last_hash,
        statement_url=frame.statement_url,
    )


def find_buyer(connection: Connection, team_id: str) -> str | None:
    """The address that a team's invoices go to."""
    found = BUYER.select().where(BUYER.c.team_id == team_id)
    row = connection.execute(found).one_or_none()
    return None if row is None else str(row.address)


def _usage_lines(connection: Connection, team_id: str, month: Month) -> tuple[UsageLine, ...]:
    values = (team_id, month.from_us, month.until_us, month.first_seq, month.last_seq)
    found = bulk.run(connection, _USAGE, values)
    names = project_names(connection, {str(row[0]) for row in found})
    models = {str(row[1]) for row in found}
    prices = {
        price.version: price for model in sorted(models) for price in list_prices(connection, model)
    }
    lines = [_usage_line(row, names, prices.get(str(row[2]))) for row in found]
    return tuple(sorted(lines, key=lambda line: (line.project, line.model, line.price_from)))


def _usage_line(
    row: tuple[object, ...], names: dict[str, str], price: BookPrice | None
) -> UsageLine:
    project_id, model, version, *figures = row
    requests, uncached, cached, output, cost = (int(str(figure)) for figure in figures)
    project = names.get(str(project_id), str(project_id))
    return UsageLine(
        project_id=str(project_id),
        project=project.rpartition("/")[2],
        model=str(model),
        price_version=str(version),
        price_from="" if price is None else _day(price.effective_at_us),
        input_nusd_per_mtok=None if price is None else price.input_nusd_per_mtok,
        cached_input_nusd_per_mtok=None if price is None else price.cached_input_nusd_per_mtok,
        output_nusd_per_mtok=None if price is None else price.output_nusd_per_mtok,
        requests=requests,
        input_tokens=uncached,
        cached_input_tokens=cached,
        output_tokens=output,
        cost_nusd=cost,
    )


def _closing(connection: Connection, team_id: str, month: Month) -> dict[str, int]:
    """What was on the team's accounts at the month's end: what is there now, less what came since."""
    balances: defaultdict[str, int] = defaultdict(int)
    for account, amount in bulk.run(connection, _BALANCES, (team_id,)):
        balances[str(account)] += int(amount)
    for account, amount in bulk.run(connection, _SINCE, (team_id, month.last_seq)):
        if not str(account).startswith("house/"):
            balances[str(account)] -= int(amount)
    return dict(balances)


def _credit_lines(
    connection: Connection, team_id: str, month: Month, moved: dict[tuple[str, str], int]
) -> tuple[tuple[CreditLine, ...], int]:
    """What each kind of credit did, and what was burnt all in all."""
    kinds = {str(id_): str(kind) for id_, kind in bulk.run(connection, _GRANTS, (team_id,))}
    closing: defaultdict[str, int] = defaultdict(int)
    for account, amount in _closing(connection, team_id, month).items():
        if account in kinds:
            closing[kinds[account]] += amount
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (transaction, account), amount in moved.items():
        if account in kinds:
            sums[kinds[account], transaction] += amount
    lines: list[CreditLine] = []
    for kind in _KINDS:
        added, burnt = sums[kind, TransactionKind.GRANT], -sums[kind, TransactionKind.CHARGE]
        ended = -sums[kind, TransactionKind.EXPIRY] - sums[kind, TransactionKind.PAYBACK]
        opening = closing[kind] - added + burnt + ended
        if any((opening, added, burnt, ended, closing[kind])):
            lines.append(CreditLine(kind, opening, added, burnt, ended, closing[kind]))
    return tuple(lines), sum(line.burnt_nusd for line in lines)


def _money_lines(
    connection: Connection, team_id: str, month: Month
) -> tuple[tuple[MoneyLine, ...], tuple[MoneyLine, ...]]:
    """Movements of what is owed, and purchases with what was paid back of them."""
    texts = {
        str(id_): str(note or source)
        for id_, source, note in bulk.run(connection, _GRANT_TEXT, (team_id,))
    }
    debts: list[MoneyLine] = []
    purchases: list[MoneyLine] = []
    span = (team_id, month.first_seq, month.last_seq)
    for kind, at_us, content, account, amount in bulk.run(connection, _SINGLE, span):
        day = _day(int(at_us))
        if kind == TransactionKind.GRANT and account in texts:
            purchases.append(MoneyLine(day, "Credit bought", texts[account], int(amount)))
        elif kind == TransactionKind.PAYBACK and account == CASH:
            purchases.append(MoneyLine(day, "Purchase paid back", _text(content), -int(amount)))
        elif account == owed(team_id) and kind != TransactionKind.GRANT:
            what = {
                TransactionKind.PAYMENT: "Payment received",
                TransactionKind.ADJUSTMENT: "Correction",
                TransactionKind.PAYBACK: "Credit that was used and then paid back",
            }[TransactionKind(kind)]
            debts.append(MoneyLine(day, what, _text(content), -int(amount)))
    return tuple(debts), tuple(purchases)


def _text(content: str) -> str:
    """What a transaction's own text says about why."""
    told = msgspec.json.decode(content, type=dict[str, str])
    return told.get("note") or told.get("purchase") or told.get("source") or ""


def _day(moment_us: int) -> str:
    return from_us(moment_us).date().isoformat()
