"""Until plans are there: nobody is limited."""

from weft.identity.types import Principal
from weft.kit.errors import Refused, WeftError
from weft.limits.types import Allowance, Denial

_OPEN = Allowance("internal", ())


class Allowances:
    """Allows everything."""

    def find(self, principal: Principal, model_id: str) -> Allowance | None:
        """Everything."""
        del principal, model_id
        return _OPEN

    async def load(self, principal: Principal, model_id: str) -> Allowance:
        """Everything."""
        del principal, model_id
        return _OPEN


def refusal(denial: Denial, *, quota_status: int, now_us: int) -> WeftError:
    """A refusal."""
    del quota_status, now_us
    return Refused(f"limit {denial.limit.kind}")
