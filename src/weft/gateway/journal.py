"""What is written down about each request: the usage record, the log line, the metrics. No prompt in any of them."""

import logging
from collections import Counter

import msgspec

from weft.gateway.visit import Visit
from weft.kit.logs import RequestLog
from weft.kit.metrics import Metrics, Reading
from weft.ledger.holds import Also, Hold, Settlement
from weft.ledger.ledger import Ledger
from weft.ledger.types import Outcome, Tokens, UsageRecord

log = logging.getLogger(__name__)

CUSTOM = "custom"
"""The provider of cards that were made for one request, and what its models are called in the metrics: their names are
the caller's words as well."""
UNKNOWN_MODEL = "unknown"
"""Stands in the metrics for ids that no card has: they are the caller's words, without bound."""


class RequestLine(msgspec.Struct, omit_defaults=True):
    """The one log line of a request. Who and what by id; never a prompt, an answer or a key."""

    request_id: str
    status: int
    outcome: str
    model: str
    total_ms: float
    team: str = ""
    project: str = ""
    key_id: str = ""
    country: str = ""
    served_model: str = ""
    engine: str = ""
    stream: bool = False
    error_code: str = ""
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    cost_nusd: str = ""
    original_request_id: str = ""
    queue_ms: float = 0.0
    ttft_ms: float = 0.0


class Journal:
    """Writes down what each visit came to."""

    def __init__(self, ledger: Ledger, metrics: Metrics, lines: RequestLog | None) -> None:
        self._ledger = ledger
        self._metrics = metrics
        self._lines = lines
        self._open: Counter[str] = Counter()

    def routed(self, visit: Visit) -> None:
        """The visit is for a model that exists: it counts as in flight until it is finished."""
        assert visit.card is not None
        self._open[_label(visit)] += 1

    def in_flight(self) -> list[Reading]:
        """Requests that are being answered, by model."""
        return [((model,), count) for model, count in self._open.items()]

    async def record(
        self,
        visit: Visit,
        outcome: Outcome,
        status: int,
        error_code: str = "",
        *,
        also: Also | None = None,
    ) -> None:
        """Write the visit's usage record, and settle its hold: durable then. Only the first call for a visit counts.

        `also` is written together with the settlement, or not at all.
        """
        if not visit.status:
            visit.status, visit.outcome, visit.error_code = status, outcome, error_code
        record = visit.take_record()
        if record is None:
            return
        if visit.wanted is not None and (hold := visit.wanted.hold) is not None:
            if record.cost_nusd > hold.amount_nusd:
                self._tell_of_cap(record, hold)
            await self._ledger.settle(Settlement(record, visit.wanted.token_scopes, also))
        else:
            await self._ledger.record(record)

    def _tell_of_cap(self, record: UsageRecord, hold: Hold) -> None:
        """The bound of `estimate.py` did not hold: the house bears the rest, and somebody should look why."""
        self._metrics.count_capped_charge(record.model_id)
        log.warning(
            "charge_capped request_id=%s model=%s engine=%s counted_by=%s input=%d output=%d"
            " cost_nusd=%d charged_nusd=%d",
            record.id,
            record.served_model_id,
            record.engine,
            record.usage_source.value,
            record.tokens.input,
            record.tokens.output,
            record.cost_nusd,
            hold.amount_nusd,
        )

    def finished(self, visit: Visit) -> None:
        """The visit is over: one observation, one line."""
        model, label = visit.card.id if visit.card else UNKNOWN_MODEL, _label(visit)
        if visit.card is not None:
            self._open[label] -= 1
        record = visit.record
        tokens = record.tokens if record else Tokens()
        total_us = record.total_us if record else visit.elapsed_us()
        self._metrics.observe_request(
            label,
            visit.status,
            outcome=visit.outcome,
            duration_s=total_us / 1e6,
            ttft_s=visit.ttft_us / 1e6
            if record and record.stream
            else 0,  # else it is the whole time
            input_tokens=tokens.input,
            cached_input_tokens=tokens.cached_input,
            output_tokens=tokens.output,
        )
        if self._lines is not None:
            self._lines.write(_line(visit, model, total_us))


def _label(visit: Visit) -> str:
    """The model, as metrics name it."""
    card = visit.card
    if card is None:
        return UNKNOWN_MODEL
    return CUSTOM if card.provider == CUSTOM else card.id


def _line(visit: Visit, model: str, total_us: int) -> RequestLine:
    line = RequestLine(
        visit.exchange.request_id,
        visit.status,
        visit.outcome,
        model,
        total_us / 1e3,
        error_code=visit.error_code,
        country=visit.country,
        original_request_id=visit.original_request_id,
    )
    if (principal := visit.principal) is not None:
        line.team, line.project, line.key_id = principal.team, principal.project, principal.key_id
    if (record := visit.record) is not None:
        line.served_model, line.engine, line.stream = (
            record.served_model_id,
            record.engine,
            record.stream,
        )
        line.input_tokens = record.tokens.input
        line.cached_input_tokens = record.tokens.cached_input
        line.output_tokens = record.tokens.output
        hold = visit.wanted.hold if visit.wanted else None
        line.cost_nusd = str(min(record.cost_nusd, hold.amount_nusd) if hold else record.cost_nusd)
        line.queue_ms, line.ttft_ms = record.queue_us / 1e3, record.ttft_us / 1e3
    return line
