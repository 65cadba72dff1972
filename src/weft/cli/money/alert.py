"""`weft alert`: what was told about credit, caps and overage, and whether telling works."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.store import count_messages, list_alerts
from weft.billing.alerts.trying import made_up
from weft.billing.alerts.types import Alert, AlertKind, Channel
from weft.billing.alerts.watch import open_senders
from weft.cli.money import alert_rule
from weft.cli.output import JsonOption, echo_json, moment
from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.identity.teams import get_team, team_names
from weft.kit.clock import from_us
from weft.kit.errors import CannotStart
from weft.kit.money import format_usd
from weft.kit.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True)
app.add_typer(alert_rule.app, name="rule", help="At which thresholds a team is told, and who.")


class AlertLine(msgspec.Struct, frozen=True):
    """An alert as `--json` tells it; money as nano-dollars."""

    id: str
    team: str
    kind: AlertKind
    threshold: str
    """A percentage such as `80%`; of overage: dollars."""
    window: str
    current_nusd: str
    max_nusd: str
    made_at: datetime
    sent: int
    """Messages that arrived."""
    waiting: int
    given_up: int


@app.command("ls")
def list_(
    team: Annotated[
        str | None, typer.Argument(help="Only this team's.", show_default=False)
    ] = None,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List alerts, the newest first, and whether their messages arrived."""
    with opened(data, config) as database, database.read() as connection:
        found = list_alerts(connection, None if team is None else get_team(connection, team).id)
        names = team_names(connection, {one.team_id for one in found})
        counts = count_messages(connection, [one.id for one in found])
    lines = [
        _line(one, names.get(one.team_id, one.team_id), counts.get(one.id, (0, 0, 0)))
        for one in found
    ]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo("No threshold was reached yet.")
    else:
        columns = (
            Column("made (UTC)"),
            Column("team", shrinks=True),
            Column("of"),
            Column("reached", right=True),
            Column("window"),
            Column("USD", right=True),
            Column("max USD", right=True),
            Column("messages"),
        )
        typer.echo(table(columns, [_cells(line) for line in lines]))


app.command("list", hidden=True)(list_)


@app.command("test")
def try_channels(
    to: Annotated[
        str | None, typer.Option(help="Address for the e-mail; else those of alert_emails.")
    ] = None,
    *,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Send a made-up alert through every channel that is set up, now, and say what happened."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    failed = asyncio.run(_try(settings, to))
    if failed:
        raise CannotStart(f"{failed} did not arrive", remedy="mend what the lines above name")


async def _try(settings: Settings, to: str | None) -> int:
    failed = tried = 0
    async with open_senders(settings) as senders:
        for channel, sender in senders.items():
            addresses = (to,) if to else settings.alert_emails
            targets = addresses if channel is Channel.EMAIL else (settings.alert_webhook_url,)
            for target in targets:
                tried += 1
                try:
                    await sender.send(target, made_up(settings))
                    typer.echo(f"{channel.value} to {target}: sent")
                except NotSent as error:
                    failed += 1
                    typer.echo(f"{channel.value} to {target}: {error}")
    if not tried:
        raise CannotStart(
            "there is nobody to tell",
            remedy="set smtp_host and smtp_from, and say --to ADDRESS; or set alert_webhook_url",
        )
    return failed


def _line(alert: Alert, team: str, messages: tuple[int, int, int]) -> AlertLine:
    crossing = alert.crossing
    overage = crossing.kind is AlertKind.OVERAGE
    sent, waiting, given_up = messages
    return AlertLine(
        id=alert.id,
        team=team,
        kind=crossing.kind,
        threshold=format_usd(crossing.threshold) if overage else f"{crossing.threshold}%",
        window=crossing.period,
        current_nusd=str(crossing.current_nusd),
        max_nusd=str(crossing.max_nusd),
        made_at=from_us(alert.made_at_us),
        sent=sent,
        waiting=waiting,
        given_up=given_up,
    )


def _cells(line: AlertLine) -> tuple[str, ...]:
    said = (("sent", line.sent), ("waiting", line.waiting), ("given up", line.given_up))
    messages = ", ".join(f"{count} {what}" for what, count in said if count)
    return (
        moment(line.made_at),
        line.team,
        line.kind.value,
        line.threshold,
        line.window,
        format_usd(int(line.current_nusd)),
        format_usd(int(line.max_nusd)),
        messages or "none",
    )
