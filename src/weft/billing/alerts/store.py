"""All SQL of alerts and of the messages that tell them. Plain functions of a `Connection`.

Invariant: an alert and its messages are written in one transaction, once for each team, kind, threshold and window; so
what was found is told, whatever happens to the process that found it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from weft.billing.alerts.look import highest
from weft.billing.alerts.types import Alert, AlertKind, Channel, Crossing, Message, Said
from weft.billing.schema import ALERT, MESSAGE, MONTH
from weft.kit import bulk
from weft.kit.ids import new_id

LIST_LIMIT = 1_000
MAX_TARGETS = 100
_EMAILS = (
    "SELECT DISTINCT u.email FROM identity_member m JOIN identity_user u ON u.id = m.user_id"
    " WHERE m.team_id = ? AND m.role = 'admin' AND u.email <> '' AND u.disabled_at_us IS NULL"
    " ORDER BY u.email"
)

Target = tuple[Channel, str]


def teams_to_look_at(connection: Connection, limit: int) -> list[tuple[str, str, int]]:
    """Teams and months with charges since the last look, and how far those go."""
    wanted = (
        select(MONTH.c.team_id, MONTH.c.month, MONTH.c.changed_seq)
        .where(MONTH.c.changed_seq > MONTH.c.looked_seq)
        .order_by(MONTH.c.changed_seq)
        .limit(limit)
    )
    return [(row.team_id, row.month, row.changed_seq) for row in connection.execute(wanted)]


def mark_looked(connection: Connection, team_id: str, month: str, seq: int) -> None:
    """Say that a team's charges up to `seq` were looked at."""
    connection.execute(
        update(MONTH)
        .where(MONTH.c.team_id == team_id, MONTH.c.month == month, MONTH.c.looked_seq < seq)
        .values(looked_seq=seq)
    )


def admin_emails(connection: Connection, team_id: str) -> list[str]:
    """The addresses of a team's admins."""
    return [str(row[0]) for row in bulk.run(connection, _EMAILS, (team_id,))][:MAX_TARGETS]


def write_alerts(
    connection: Connection,
    team_id: str,
    crossings: Sequence[Crossing],
    *,
    targets: Iterable[Target],
    now_us: int,
) -> list[Alert]:
    """Write the alerts that are new, and messages for the highest of each kind; returns those that are told."""
    new = [crossing for crossing in crossings if not _is_known(connection, team_id, crossing)]
    told = list(highest(new))
    targets = list(dict.fromkeys(targets))
    alerts: list[Alert] = []
    for crossing in new:
        alert = Alert(new_id("alert"), team_id, crossing, now_us)
        _insert_alert(connection, alert)
        if crossing in told:
            alerts.append(alert)
            for channel, target in targets:
                _insert_message(connection, alert, channel, target, now_us)
    return alerts


def write_notice(
    connection: Connection,
    alert: Alert,
    *,
    targets: Iterable[Target],
) -> bool:
    """Write an alert of another room, and its messages; False where one of its kind and window is told already."""
    if _is_known(connection, alert.team_id, alert.crossing):
        return False
    _insert_alert(connection, alert)
    for channel, target in dict.fromkeys(targets):
        _insert_message(connection, alert, channel, target, alert.made_at_us)
    return True


def claim_messages(
    connection: Connection, *, now_us: int, lease_us: int, limit: int
) -> list[Message]:
    """Take messages that are due, the oldest first. Nobody else takes them until the lease has run out."""
    due = (
        _messages()
        .where(
            MESSAGE.c.sent_at_us.is_(None),
            MESSAGE.c.given_up_at_us.is_(None),
            MESSAGE.c.next_at_us <= now_us,
        )
        .order_by(MESSAGE.c.next_at_us, MESSAGE.c.id)
        .limit(limit)
    )
    taken = [_message(row) for row in connection.execute(due)]
    if taken:
        connection.execute(
            update(MESSAGE)
            .where(MESSAGE.c.id.in_([message.id for message in taken]))
            .values(attempts=MESSAGE.c.attempts + 1, next_at_us=now_us + lease_us)
        )
    return taken


def mark_sent(connection: Connection, message_id: str, now_us: int) -> None:
    """A message arrived."""
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.sent_at_us.is_(None))
        .values(sent_at_us=now_us, error="")
    )


def mark_failed(
    connection: Connection, message_id: str, error: str, *, next_at_us: int | None, now_us: int
) -> None:
    """A message did not arrive; it is tried again at `next_at_us`, or with None never."""
    values: dict[str, str | int] = {"error": error[:500]}
    if next_at_us is None:
        values["given_up_at_us"] = now_us
    else:
        values["next_at_us"] = next_at_us
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(values))


def list_alerts(
    connection: Connection, team_id: str | None = None, limit: int = LIST_LIMIT
) -> list[Alert]:
    """Alerts about money, the newest first; of one team, if one is given."""
    # Two of one moment: the one of the higher threshold was reached last.
    newest = (ALERT.c.made_at_us.desc(), ALERT.c.threshold.desc(), ALERT.c.id.desc())
    wanted = select(ALERT).where(ALERT.c.notice == "").order_by(*newest)
    if team_id is not None:
        wanted = wanted.where(ALERT.c.team_id == team_id)
    return [_alert(row) for row in connection.execute(wanted.limit(min(limit, LIST_LIMIT)))]


def count_messages(
    connection: Connection, alert_ids: Sequence[str]
) -> dict[str, tuple[int, int, int]]:
    """Of each alert: how many messages arrived, are on their way, and were given up."""
    counts = (
        select(
            MESSAGE.c.alert_id,
            func.count(MESSAGE.c.sent_at_us),
            func.count(),
            func.count(MESSAGE.c.given_up_at_us),
        )
        .where(MESSAGE.c.alert_id.in_(alert_ids))
        .group_by(MESSAGE.c.alert_id)
    )
    return {
        alert_id: (sent, every - sent - given_up, given_up)
        for alert_id, sent, every, given_up in connection.execute(counts)
    }


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message, and what became of it."""

    message: Message
    next_at_us: int
    sent_at_us: int | None
    given_up_at_us: int | None
    error: str


def list_deliveries(connection: Connection, limit: int) -> list[Delivery]:
    """Messages, the newest first."""
    wanted = _messages().add_columns(
        MESSAGE.c.next_at_us, MESSAGE.c.sent_at_us, MESSAGE.c.given_up_at_us, MESSAGE.c.error
    )
    newest = wanted.order_by(MESSAGE.c.made_at_us.desc(), MESSAGE.c.id.desc()).limit(limit)
    return [
        Delivery(
            message=replace(_message(row), attempts=row.attempts),
            next_at_us=row.next_at_us,
            sent_at_us=row.sent_at_us,
            given_up_at_us=row.given_up_at_us,
            error=row.error,
        )
        for row in connection.execute(newest)
    ]


def retry_message(connection: Connection, message_id: str, now_us: int) -> bool:
    """Have a message tried anew, as one that was just made; False if it arrived, or is not there."""
    changed = connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.sent_at_us.is_(None))
        .values(next_at_us=now_us, made_at_us=now_us, attempts=0, given_up_at_us=None)
    )
    return changed.rowcount == 1


def _is_known(connection: Connection, team_id: str, crossing: Crossing) -> bool:
    found = select(ALERT.c.id).where(
        ALERT.c.team_id == team_id,
        ALERT.c.kind == crossing.kind.value,
        ALERT.c.threshold == crossing.threshold,
        ALERT.c.period == crossing.period,
    )
    return connection.execute(found).first() is not None


def _insert_alert(connection: Connection, alert: Alert) -> None:
    crossing = alert.crossing
    connection.execute(
        insert(ALERT).values(
            id=alert.id,
            team_id=alert.team_id,
            kind=crossing.kind.value,
            threshold=crossing.threshold,
            period=crossing.period,
            current_nusd=crossing.current_nusd,
            max_nusd=crossing.max_nusd,
            resets_at_us=crossing.resets_at_us,
            made_at_us=alert.made_at_us,
            notice="" if alert.said is None else msgspec.json.encode(alert.said).decode(),
        )
    )


def _insert_message(
    connection: Connection, alert: Alert, channel: Channel, target: str, now_us: int
) -> None:
    connection.execute(
        insert(MESSAGE).values(
            id=new_id("msg"),
            alert_id=alert.id,
            channel=channel.value,
            target=target,
            attempts=0,
            next_at_us=now_us,
            made_at_us=now_us,
            error="",
        )
    )


def _messages() -> Select[*tuple[object, ...]]:
    return select(
        ALERT,
        MESSAGE.c.id.label("message_id"),
        MESSAGE.c.channel,
        MESSAGE.c.target,
        MESSAGE.c.attempts,
        MESSAGE.c.made_at_us.label("message_made_at_us"),
    ).join(ALERT, ALERT.c.id == MESSAGE.c.alert_id)


def _message(row: Row[*tuple[object, ...]]) -> Message:
    return Message(
        id=row.message_id,
        alert=_alert(row),
        channel=Channel(row.channel),
        target=row.target,
        attempts=row.attempts + 1,
        made_at_us=row.message_made_at_us,
    )


def _alert(row: Row[*tuple[object, ...]]) -> Alert:
    crossing = Crossing(
        kind=AlertKind(row.kind),
        threshold=row.threshold,
        period=row.period,
        current_nusd=row.current_nusd,
        max_nusd=row.max_nusd,
        resets_at_us=row.resets_at_us,
    )
    said = msgspec.json.decode(row.notice, type=Said) if row.notice else None
    return Alert(row.id, row.team_id, crossing, row.made_at_us, said)
