"""Whether a transaction says what its kind says: a charge is tokens times the dated price, a grant what was granted.

Holds what a walk along the chain has to remember: the price book as far as it was recorded by then, and what is left
of each grant. Both are small beside the chain.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from weft.kit.money import NanoUsdPerMtok, cost_of
from weft.ledger.accounts import CASH, EXPIRED, GIVEN, REVENUE, GrantKind, TransactionKind, owed
from weft.ledger.grants import GRANT_COLUMNS, grant_key
from weft.ledger.prices.store import PRICE_COLUMNS, price_key
from weft.ledger.pricing import CAPPED_FROM
from weft.ledger.proof.chain import USAGE_COLUMNS, Link
from weft.ledger.proof.finding import Finding, transaction

_USAGE = {name: at for at, name in enumerate(USAGE_COLUMNS)}
_ORIGINS = {kind: CASH if kind is GrantKind.PURCHASED else GIVEN for kind in GrantKind}
_OWED_ORIGINS = {TransactionKind.PAYMENT: CASH, TransactionKind.ADJUSTMENT: GIVEN}


class Meaning:
    """Walks along the chain, one transaction after the other, and tells what does not add up."""

    def __init__(self) -> None:
        self._prices: dict[str, dict[str, Any]] = {}
        self._left: dict[str, int] = {}
        """Of grants that are not used up."""
        self._teams: dict[str, str] = {}

    def check(self, link: Link) -> Iterator[Finding]:
        """What is wrong with a transaction whose hash, entries and content are as they were written."""
        if sum(amount for _, amount in link.moves):
            yield transaction(link.seq, "its entries do not sum to zero")
        match link.kind:
            case TransactionKind.CHARGE:
                yield from self._check_charge(link)
            case TransactionKind.GRANT:
                yield from self._check_grant(link)
            case TransactionKind.PRICE:
                yield from self._check_price(link)
            case TransactionKind.EXPIRY:
                yield from self._check_expiry(link)
            case TransactionKind.PAYMENT | TransactionKind.ADJUSTMENT:
                origin = _OWED_ORIGINS[TransactionKind(link.kind)]
                if [account for account, _ in link.moves] != [origin, owed(link.team_id)]:
                    yield transaction(link.seq, f"a {link.kind} goes from {origin} to what is owed")
            case TransactionKind.PAYBACK:
                yield from self._check_payback(link)
            case _:
                yield transaction(link.seq, f"there is no kind {link.kind}")
        yield from self._check_grants_left(link)

    def _check_charge(self, link: Link) -> Iterator[Finding]:
        row = link.behind
        assert row is not None
        place = f"id={row[0]}"
        for name, value in (
            ("team_id", link.team_id),
            ("posted_at_us", link.posted_at_us),
            ("seq", link.seq),
        ):
            if row[_USAGE[name]] != value:
                yield Finding("usage", place, f"its {name} is not that of transaction {link.seq}")
        cost = row[_USAGE["cost_nusd"]]
        earned = sum(amount for account, amount in link.moves if account == REVENUE)
        if earned != cost or cost < 0:
            yield Finding("usage", place, f"it cost {cost}, and {earned} was charged")
        for account, amount in link.moves:
            mine = account == owed(link.team_id) or self._teams.get(account) == link.team_id
            if not (account == REVENUE if amount > 0 else mine):
                yield transaction(link.seq, f"{account} has no part in a charge of {link.team_id}")
        what = self._misprice(row)
        if what:
            yield Finding("usage", place, what)

    def _misprice(self, row: tuple[Any, ...]) -> str:
        """Why a usage record does not cost what it says; empty if it does."""
        cost, version = row[_USAGE["cost_nusd"]], row[_USAGE["price_version"]]
        if not version:
            return "it cost something without a price" if cost else ""
        price = self._prices.get(version)
        if price is None:
            return f"its price {version} was not in the book when it was charged"
        if price["model_id"] != row[_USAGE["served_model_id"]]:
            return f"its price {version} is not of the model that answered"
        due = cost_by(
            price, *(row[_USAGE[f"{name}_tokens"]] for name in ("input", "cached_input", "output"))
        )
        if cost == due:
            return ""
        if cost < due and _capped_from(row[_USAGE["refusal"]]) == due:
            return ""
        return f"it cost {cost}; its tokens by {version} cost {due}"

    def _check_grant(self, link: Link) -> Iterator[Finding]:
        row = link.behind
        assert row is not None
        grant = dict(zip(GRANT_COLUMNS, row, strict=True))
        amount, origin = grant["amount_nusd"], _ORIGINS.get(grant["kind"])
        if (
            link.key != grant_key(grant["source"])
            or link.team_id != grant["team_id"]
            or link.moves != [(origin, -amount), (grant["id"], amount)]
        ):
            yield transaction(link.seq, f"it is not what grant {grant['id']} says")
        self._teams[grant["id"]] = grant["team_id"]

    def _check_price(self, link: Link) -> Iterator[Finding]:
        row = link.behind
        assert row is not None
        price: dict[str, Any] = dict(zip(PRICE_COLUMNS, row, strict=True))
        if link.moves or link.key != price_key(price["version"]):
            yield transaction(link.seq, f"it is not what price {price['version']} says")
        self._prices[price["version"]] = price

    def _check_expiry(self, link: Link) -> Iterator[Finding]:
        accounts = [account for account, _ in link.moves]
        if len(accounts) != 2 or accounts[1] != EXPIRED or link.key != f"expiry:{accounts[0]}":
            yield transaction(link.seq, "an expiry goes from one grant to what ran out")

    def _check_payback(self, link: Link) -> Iterator[Finding]:
        *sides, (origin, amount) = link.moves or [("", 0)]
        if origin != CASH or amount <= 0:
            yield transaction(link.seq, f"a payback goes back to {CASH}")
        for account, taken in sides:
            mine = account == owed(link.team_id) or self._teams.get(account) == link.team_id
            if taken >= 0 or not mine:
                yield transaction(link.seq, f"{account} has no part in a payback of {link.team_id}")

    def _check_grants_left(self, link: Link) -> Iterator[Finding]:
        for account, amount in link.moves:
            if account.startswith("grant_"):
                left = self._left.get(account, 0) + amount
                if left < 0:
                    yield transaction(link.seq, f"it overdraws {account} by {-left}")
                if left:
                    self._left[account] = left
                else:
                    self._left.pop(account, None)


def cost_by(price: dict[str, Any], input_tokens: int, cached: int, output: int) -> int:
    """What these tokens cost by a row of the price book, as `pricing.charge` works it out."""
    figures = (
        NanoUsdPerMtok(price[f"{name}_nusd_per_mtok"])
        for name in ("input", "cached_input", "output")
    )
    return cost_of(*zip((input_tokens - cached, cached, output), figures, strict=True))


def _capped_from(refusal: str) -> int | None:
    """The cost that a charge was cut from because its hold was smaller, as the record itself says."""
    if CAPPED_FROM not in refusal:
        return None
    try:
        return int(msgspec.json.decode(refusal, type=dict[str, Any])[CAPPED_FROM])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
