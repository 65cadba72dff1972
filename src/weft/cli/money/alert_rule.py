"""`weft alert rule`: at which thresholds a team is told, and who; as its admins set it in the console."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError
from sqlalchemy import Connection

from weft.billing.alerts.changing import AlertRuleRequest, change_rule
from weft.billing.alerts.rules import WebhookSeal, default_rule, find_rule
from weft.billing.alerts.store import admin_emails
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption, opened, opened_with_secret, operator
from weft.identity.teams import get_team
from weft.identity.types import Team
from weft.kit.errors import InvalidRequest, Json
from weft.kit.settings import load_settings

app = typer.Typer(no_args_is_help=True)

NONE = "none"
_FLAGS = {
    "percents": "--percent",
    "overage_steps_usd": "--overage-usd",
    "emails": "--email",
    "webhook_url": "--webhook",
}

TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help="The team.", show_default=False)]


class RuleLine(msgspec.Struct, frozen=True):
    """A team's rule as `--json` tells it."""

    team: str
    is_default: bool
    """Whether nobody set anything: the server's settings hold."""
    percents: tuple[int, ...]
    overage_steps_usd: tuple[int, ...]
    tells_admins: bool
    admin_emails: list[str]
    emails: tuple[str, ...]
    webhook_url: str
    new_secret: str | None = None
    """What posts to a webhook that was set just now are signed with; told this once."""


@app.command()
def show(
    team: TeamArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show at which thresholds a team is told, and who."""
    steps = load_settings({"data_dir": data, "config": config}).settings.overage_steps_usd
    with opened(data, config) as database, database.read() as connection:
        line = _line(connection, get_team(connection, team), steps)
    _echo(line, as_json=as_json)


@app.command("set")
def set_(  # noqa: PLR0913 - a flag each
    team: TeamArgument,
    *,
    percent: Annotated[
        list[str] | None,
        typer.Option(help="Of credit and caps: 80, or none. Repeatable; takes the place of all."),
    ] = None,
    overage_usd: Annotated[
        list[str] | None, typer.Option(help="As --percent: dollars beyond credit in a month.")
    ] = None,
    email: Annotated[
        list[str] | None, typer.Option(help="As --percent: an address besides the admins'.")
    ] = None,
    admins: Annotated[
        bool | None,
        typer.Option("--admins/--no-admins", help="Whether the team's admins get mail."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(help="HTTPS URL that alerts are posted to, or none.")
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Set a team's alerts; what no flag names stays. The secret of a new webhook is printed this once."""
    named: dict[str, Json] = {
        **_named("percents", percent),
        **_named("overage_steps_usd", overage_usd),
        **_named("emails", email),
        **({} if admins is None else {"tells_admins": admins}),
        **({} if webhook is None else {"webhook_url": "" if webhook == NONE else webhook}),
    }
    if not named:
        raise InvalidRequest(
            "say what to change: --percent, --overage-usd, --email, --webhook, ..."
        )
    steps = load_settings({"data_dir": data, "config": config}).settings.overage_steps_usd
    with opened_with_secret(data, config) as (database, secret), database.write() as connection:
        found = get_team(connection, team)
        fresh = change_rule(
            connection,
            found,
            _wanted(_line(connection, found, steps), named),
            steps=steps,
            seal=WebhookSeal(secret),
            by=operator(),
            now=datetime.now(UTC),
        )
        line = _line(connection, found, steps, fresh)
    _echo(line, as_json=as_json)


def _named(field: str, values: list[str] | None) -> dict[str, Json]:
    if not values:
        return {}
    return {field: [] if values == [NONE] else [*values]}


def _wanted(before: RuleLine, named: dict[str, Json]) -> AlertRuleRequest:
    kept = {
        "percents": [*before.percents],
        "overage_steps_usd": [*before.overage_steps_usd],
        "tells_admins": before.tells_admins,
        "emails": [*before.emails],
        "webhook_url": before.webhook_url,
    }
    try:
        return AlertRuleRequest.model_validate({**kept, **named})
    except ValidationError as error:
        first = error.errors()[0]
        flag = _FLAGS.get(str(first["loc"][0]), "the rule")
        raise InvalidRequest(f"{flag}: {first['msg']}") from error


def _line(
    connection: Connection, team: Team, steps: Sequence[int], fresh: str | None = None
) -> RuleLine:
    found = find_rule(connection, team.id)
    rule = found or default_rule(steps)
    return RuleLine(
        team=team.name,
        is_default=found is None,
        percents=rule.percents,
        overage_steps_usd=rule.steps_usd,
        tells_admins=rule.tells_admins,
        admin_emails=admin_emails(connection, team.id),
        emails=rule.emails,
        webhook_url=rule.webhook_url,
        new_secret=fresh,
    )


def _echo(line: RuleLine, *, as_json: bool) -> None:
    if as_json:
        echo_json(line)
        return
    percents = ", ".join(f"{one}%" for one in line.percents)
    steps = ", ".join(f"${one}" for one in line.overage_steps_usd)
    admins = ", ".join(line.admin_emails) or "none has an address"
    lines = [
        f"Alerts of {line.team}" + (", as the server's settings say" if line.is_default else ""),
        f"  credit and caps    {percents or 'none'}",
        f"  beyond credit      {steps or 'none'}",
        f"  the team's admins  {admins if line.tells_admins else 'get no mail'}",
        f"  others by mail     {', '.join(line.emails) or 'none'}",
        f"  webhook            {line.webhook_url or 'none'}",
    ]
    if line.new_secret is not None:
        lines += [
            "",
            "Posts to the webhook are signed with this secret. It is shown only now:",
            line.new_secret,
        ]
    typer.echo("\n".join(lines))
