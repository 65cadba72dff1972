"""Which usage records the speed of models is read from. Bounded, however many there are.

The newest `NEWEST_ROWS` records are read once, over the index of their moments: that covers whatever is used much. For
a model that they say too little about, the roll-ups know the hours in which it was asked for, and the newest few of
those are looked into. A table of its own with a histogram per model would be cheaper to read and dearer to write: each
request would pay for a figure that a page shows now and then. So nothing is written for it; a look takes a tenth of a
second or so on an idle machine however many records there are, and is made once a minute at most (`routes.py`).

A stand-in's speed is its own: samples count for the model that answered.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.clock import to_us
from weft.ledger.types import Outcome
from weft.ledger.usage.report import GroupBy, UsageFilter
from weft.ledger.usage.rollups.tiers import US_PER_HOUR
from weft.ledger.usage.speed.figures import MOST_REQUESTS, Sample
from weft.ledger.usage.sums import sum_hours, sum_usage

NEWEST_ROWS = 20_000
HOUR_ROWS = 10_000
"""Of one hour, the newest."""
MAX_MODELS = 50
"""That are looked for beyond the newest records."""
MAX_HOURS = 4
"""Of each of them."""
MAX_LOOKS = 20
"""Into hours, for all of them together: so that no more than 220,000 records are read, whatever there is."""
_COLUMNS = "served_model_id, output_tokens, ttft_us, total_us"
_SAMPLES = (
    f"SELECT {_COLUMNS} FROM (SELECT {_COLUMNS}, stream, outcome FROM usage"  # noqa: S608 - our own words
    " WHERE posted_at_us >= ? AND posted_at_us < ? ORDER BY posted_at_us DESC LIMIT ?) AS newest"
    " WHERE stream AND ttft_us > 0 AND output_tokens > 0"
    f" AND outcome = '{Outcome.COMPLETED.value}'"
)
_END_US = 2**62


def read_samples(connection: Connection, now: datetime, days: int) -> Mapping[str, list[Sample]]:
    """The newest streamed answers of each model over the last `days`, newest first."""
    since = (now - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    found: dict[str, list[Sample]] = defaultdict(list)
    for model_id, *figures in bulk.run(connection, _SAMPLES, (to_us(since), _END_US, NEWEST_ROWS)):
        found[model_id].append(Sample(*figures))
    asked = sum_usage(connection, GroupBy.MODEL, UsageFilter(since=since), top=MAX_MODELS)
    if sum(row.requests for row in asked) > NEWEST_ROWS:  # otherwise that was all there is
        looks = MAX_LOOKS
        for model_id in sorted((row.group for row in asked if row.completed), key=_least(found)):
            if len(found[model_id]) < MOST_REQUESTS and looks > 0:
                more, looked = _of_model(connection, since, model_id, min(looks, MAX_HOURS))
                found[model_id], looks = max(found[model_id], more, key=len), looks - looked
    return {model_id: samples for model_id, samples in found.items() if model_id and samples}


def _least(found: Mapping[str, list[Sample]]) -> Callable[[str], int]:
    return lambda model_id: len(found.get(model_id, ()))


def _of_model(
    connection: Connection, since: datetime, model_id: str, most_hours: int
) -> tuple[list[Sample], int]:
    """The answers of one model in the newest hours that have any, and into how many hours it was looked."""
    hours = sum_hours(connection, [UsageFilter(since=since, model_id=model_id)])
    found: list[Sample] = []
    looked = 0
    for hour in list(reversed(hours))[:most_hours]:
        looked += 1
        start = hour * US_PER_HOUR
        rows = bulk.run(
            connection,
            f"{_SAMPLES} AND served_model_id = ? LIMIT ?",
            (start, start + US_PER_HOUR, HOUR_ROWS, model_id, MOST_REQUESTS),
        )
        found += [Sample(*figures) for _, *figures in rows]
        if len(found) >= MOST_REQUESTS:
            break
    return found, looked
