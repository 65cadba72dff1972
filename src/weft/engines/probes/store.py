"""All SQL of verdicts. Plain functions that take a `Connection`; transactions belong to the caller."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from weft.catalog.badges.types import Feature
from weft.engines.probes.schema import VERDICT
from weft.engines.probes.types import Outcome, Verdict
from weft.kit.clock import from_us, to_us

KEPT_US = 90 * 24 * 3600 * 1_000_000
"""How long a verdict is remembered that no later one took the place of."""
_FEATURES = frozenset(feature.value for feature in Feature)


def read_verdicts(connection: Connection, model_id: str, setup: str) -> dict[Feature, Verdict]:
    """The last verdicts on a model in this setup."""
    wanted = select(
        VERDICT.c.feature,
        VERDICT.c.outcome,
        VERDICT.c.detail,
        VERDICT.c.at_us,
        VERDICT.c.duration_ms,
    ).where(VERDICT.c.model_id == model_id, VERDICT.c.setup == setup)
    return {
        Feature(row.feature): Verdict(
            Feature(row.feature),
            Outcome(row.outcome),
            row.detail,
            from_us(row.at_us),
            row.duration_ms,
        )
        for row in connection.execute(wanted)
        if row.feature in _FEATURES  # a newer version may know more
    }


def write_verdicts(
    connection: Connection, model_id: str, setup: str, verdicts: Sequence[Verdict]
) -> None:
    """Let these take the place of the last ones on the same features, and forget what is very old."""
    if not verdicts:
        return
    features = [verdict.feature.value for verdict in verdicts]
    connection.execute(
        delete(VERDICT).where(
            VERDICT.c.model_id == model_id,
            VERDICT.c.setup == setup,
            VERDICT.c.feature.in_(features),
        )
    )
    connection.execute(
        insert(VERDICT),
        [
            {
                "model_id": model_id,
                "setup": setup,
                "feature": verdict.feature.value,
                "outcome": verdict.outcome.value,
                "detail": verdict.detail,
                "at_us": to_us(verdict.at),
                "duration_ms": verdict.duration_ms,
            }
            for verdict in verdicts
        ],
    )
    newest_us = max(to_us(verdict.at) for verdict in verdicts)
    connection.execute(delete(VERDICT).where(VERDICT.c.at_us < newest_us - KEPT_US))
