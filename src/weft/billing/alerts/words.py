"""Alerts in words, for people, and in figures, for programs. Pure."""

from collections.abc import Sequence

import msgspec

from weft.billing.alerts.types import AlertKind, Notice, Said
from weft.kit.clock import from_us
from weft.kit.money import NUSD_PER_USD

_CAPS = {
    AlertKind.CAP_DAY: "daily",
    AlertKind.CAP_MONTH: "monthly",
    AlertKind.CAP_YEAR: "yearly",
}


def subject_of(notice: Notice) -> str:
    """One line."""
    if notice.alert.said is not None:
        return notice.alert.said.subject
    crossing = notice.alert.crossing
    if crossing.kind is AlertKind.OVERAGE:
        return f"{notice.team} has gone {dollars(crossing.threshold)} beyond its credit this month"
    if crossing.kind is AlertKind.CREDITS:
        return f"{notice.team} has used {crossing.threshold}% of its credit"
    return f"{notice.team} has reached {crossing.threshold}% of its {_CAPS[crossing.kind]} cap"


def text_of(notice: Notice) -> str:
    """What reached what, when that ends, and what to do."""
    if notice.alert.said is not None:
        return _said_text(notice, notice.alert.said)
    crossing = notice.alert.crossing
    figures = {
        AlertKind.OVERAGE: ("Beyond credit this month", "This alert is for"),
        AlertKind.CREDITS: ("Used this month", "Credit this month"),
    }.get(crossing.kind, (f"Spent in {crossing.period}", "Cap"))
    lines = [
        f"{subject_of(notice)}.",
        "",
        *_aligned(
            (
                ("Team", notice.team),
                ("Plan", notice.plan),
                (figures[0], dollars(crossing.current_nusd)),
                (figures[1], dollars(crossing.max_nusd)),
                (_resets_word(crossing.kind), _moment(crossing.resets_at_us)),
                ("As of", _moment(notice.alert.made_at_us)),
            )
        ),
        "",
        _what_follows(notice),
        _what_to_do(notice),
    ]
    if notice.url:
        lines += ["", f"See {notice.url}"]
    lines += ["", "This is told once for each window. Sent by Weft."]
    return "\n".join(lines) + "\n"


def json_of(notice: Notice) -> bytes:
    """The body of a webhook. Money is strings of nano-dollars, moments are ISO 8601 in UTC."""
    if notice.alert.said is not None:
        return _said_json(notice, notice.alert.said)
    crossing = notice.alert.crossing
    overage = crossing.kind is AlertKind.OVERAGE
    return msgspec.json.encode(
        {
            "type": "billing.alert",
            "id": notice.alert.id,
            "team": {"id": notice.alert.team_id, "name": notice.team},
            "plan": notice.plan,
            "kind": crossing.kind.value,
            "threshold_percent": None if overage else crossing.threshold,
            "threshold_nusd": str(crossing.threshold) if overage else None,
            "window": crossing.period,
            "current_nusd": str(crossing.current_nusd),
            "max_nusd": str(crossing.max_nusd),
            "resets_at": None if crossing.resets_at_us is None else from_us(crossing.resets_at_us),
            "made_at": from_us(notice.alert.made_at_us),
            "summary": subject_of(notice),
            "remedy": _what_to_do(notice),
            "url": notice.url or None,
        }
    )


def _said_text(notice: Notice, said: Said) -> str:
    facts = (("Team", notice.team), *said.facts, ("As of", _moment(notice.alert.made_at_us)))
    lines = [f"{said.subject}.", "", *_aligned(facts)]
    if notice.url:
        lines += ["", f"See {notice.url}"]
    return "\n".join([*lines, "", "Sent by Weft."]) + "\n"


def _said_json(notice: Notice, said: Said) -> bytes:
    return msgspec.json.encode(
        {
            "type": f"{notice.alert.crossing.kind.value}.alert",
            "id": notice.alert.id,
            "team": {"id": notice.alert.team_id, "name": notice.team},
            "made_at": from_us(notice.alert.made_at_us),
            "summary": said.subject,
            "facts": dict(said.facts),
            "url": notice.url or None,
        }
    )


def dollars(nusd: int) -> str:
    """Dollars and cents, rounded down, for people: `$1,234.50`."""
    sign = "-" if nusd < 0 else ""
    cents = abs(nusd) * 100 // NUSD_PER_USD
    return f"{sign}${cents // 100:,}.{cents % 100:02}"


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in pairs) + 1
    return [f"  {name + ':':<{width}} {value}" for name, value in pairs]


def _moment(moment_us: int | None) -> str:
    return "never" if moment_us is None else f"{from_us(moment_us):%Y-%m-%d %H:%M} UTC"


def _resets_word(kind: AlertKind) -> str:
    return "The month ends" if kind in {AlertKind.OVERAGE, AlertKind.CREDITS} else "Resets at"


def _what_follows(notice: Notice) -> str:
    kind, full = notice.alert.crossing.kind, notice.alert.crossing.threshold >= 100
    if kind is AlertKind.OVERAGE:
        return "Requests go on; what goes beyond credit is put on the monthly invoice."
    if kind is AlertKind.CREDITS and notice.has_overage:
        when = "From now on" if full else "Once it is used up"
        return f"{when} requests go on, and what they cost is put on the monthly invoice."
    if kind is AlertKind.CREDITS:
        when = "From now on" if full else "Once it is used up"
        return f"{when} requests are refused until there is credit again."
    when = "Until it resets" if full else "Once it is reached, until it resets,"
    return f"{when} requests that would go beyond it are refused."


def _what_to_do(notice: Notice) -> str:
    kind = notice.alert.crossing.kind
    if kind is AlertKind.CREDITS and not notice.has_overage:
        return "What to do: buy credit, or change to a plan with overage."
    if kind in {AlertKind.CREDITS, AlertKind.OVERAGE}:
        return "What to do: nothing, or buy credit, or set a lower cap to stop spending."
    return "What to do: have an admin raise the cap, or wait until it resets."
