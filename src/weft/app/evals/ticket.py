"""Admission of a request that may cost no more than its ticket says, for evaluations with a budget."""

from collections.abc import Sequence

from sqlalchemy import Connection
from typing_extensions import override

from weft.evals.door import Ticket
from weft.kit.errors import Refused
from weft.ledger.ledger import Ledger
from weft.limits.admission import Admission, HoldRequest


class TicketGone(Refused):
    """Somebody else goes on with the evaluation: this process may ask nothing more for it."""

    code = "ticket_gone"
    remedy = "nothing was charged; the evaluation goes on elsewhere"


class TicketTooSmall(Refused):
    """The request costs more than was kept back for it: a price rose in between."""

    code = "ticket_too_small"


class TicketAdmission(Admission):
    """Admits one request, as `Admission` does, with a hold of its ticket's amount at most."""

    def __init__(self, ledger: Ledger, ticket: Ticket) -> None:
        super().__init__(ledger)
        self._ticket = ticket

    @override
    def apply(self, connection: Connection, wanted: Sequence[HoldRequest]) -> None:
        """See `Admission.apply`: whether the ticket is still good is read in the transaction that opens the hold."""
        if not self._ticket.is_open(connection):
            raise TicketGone("The evaluation that asks is no longer run by this process")
        for request in wanted:
            if request.least_nusd > self._ticket.most_nusd:
                raise TicketTooSmall("The request costs more than was kept back for it")
            request.want_nusd = min(request.want_nusd, self._ticket.most_nusd)
        super().apply(connection, wanted)
