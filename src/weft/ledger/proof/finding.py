"""What a verification found: one row of one table, and what is wrong with it."""

from dataclasses import dataclass
from typing import Any

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """A row that is not as it has to be."""

    table: str
    row: str
    """The row's key, such as `seq=12` or `id=req_...`."""
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.what}"


def transaction(seq: Any, what: str) -> Finding:
    """About a transaction."""
    return Finding("ledger_transaction", f"seq={seq}", what)


def entry(seq: Any, position: Any, what: str) -> Finding:
    """About one of a transaction's entries."""
    return Finding("ledger_entry", f"seq={seq} position={position}", what)


@dataclass(frozen=True, slots=True)
class Head:
    """The row that says where the chain ends."""

    seq: int
    hash: str
    posted_at_us: int
