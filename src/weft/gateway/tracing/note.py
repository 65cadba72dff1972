"""What is kept of a request that is over until its trace has been written."""

from dataclasses import dataclass

from weft.gateway.tracing.kinds import Kind
from weft.gateway.tracing.wish import Tracked
from weft.gateway.visit import Visit
from weft.identity.types import Principal
from weft.kit.errors import WeftError
from weft.kit.money import NanoUsd
from weft.ledger.types import UsageRecord


@dataclass(frozen=True, slots=True)
class Note:
    """One request: its usage record, and what its trace says besides."""

    record: UsageRecord
    principal: Principal
    kind: Kind
    tracked: Tracked
    failure: WeftError | None
    charged_nusd: NanoUsd

    @property
    def trace_id(self) -> str:
        """Of the trace that it belongs to: the client's, or one of its own."""
        link = self.tracked.link
        return link.trace_id if link else self.record.id.removeprefix("req_")

    @property
    def ended_at_us(self) -> int:
        """When its last byte left."""
        return self.record.started_at_us + self.record.total_us


def note_of(visit: Visit, tracked: Tracked, kind: Kind) -> Note | None:
    """The note of a visit that is over; None where nobody knows who came."""
    record, principal = visit.record, visit.principal
    if record is None or principal is None:
        return None
    hold = visit.wanted.hold if visit.wanted else None
    charged = min(record.cost_nusd, hold.amount_nusd) if hold else record.cost_nusd
    return Note(record, principal, kind, tracked, visit.failure, charged)
