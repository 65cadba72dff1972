"""`weft country`: what the rules about countries and networks say, without asking a server."""

from typing import Annotated

import msgspec
import typer

from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.kit.errors import InvalidRequest
from weft.kit.settings import load_settings
from weft.limits.country.address import read_address
from weft.limits.country.guard import CountryGuard
from weft.limits.country.rules import Decision, Rule
from weft.limits.country.view import why

app = typer.Typer(no_args_is_help=True)


class Checked(msgspec.Struct):
    """What `weft country check` found."""

    address: str
    allowed: bool
    rule: str
    country: str | None = None
    network: str | None = None


@app.callback()
def _country() -> None:
    """Rules about countries and networks."""


@app.command()
def check(
    address: Annotated[str, typer.Argument(help="An IPv4 or IPv6 address.")],
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show whether a caller with this address would be let in, and which rule says so."""
    found = read_address(address)
    if found is None:
        raise InvalidRequest(f"{address[:100]!r} is no IP address", param="address")
    guard = CountryGuard.open(load_settings({"data_dir": data, "config": config}).settings)
    decision = guard.judge(found) if guard else Decision(allowed=True, rule=Rule.NONE)
    if as_json:
        echo_json(
            Checked(
                str(found),
                decision.allowed,
                decision.rule,
                decision.country or None,
                decision.network or None,
            )
        )
        return
    verdict = "allowed" if decision.allowed else "refused"
    country = f" ({decision.country})" if decision.country else ""
    typer.echo(f"{found}{country} is {verdict}: {why(decision)}")
