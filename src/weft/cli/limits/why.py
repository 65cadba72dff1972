"""`weft why`: why a request was refused, and whether it would be now."""

from typing import Annotated

import typer

from weft.cli.limits.place import opened_place, shown
from weft.cli.output import JsonOption, moment
from weft.cli.store import ConfigOption, DataOption
from weft.kit.clock import from_us
from weft.kit.errors import NotFound
from weft.ledger.usage.store import find_usage
from weft.limits.routes.answers import why_answer
from weft.limits.why import Why, explain


def why(
    request: Annotated[
        str,
        typer.Argument(
            help="Its id, from the header x-request-id or the log.",
            show_default=False,
            metavar="REQUEST",
        ),
    ],
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say why a request was refused: which limit stood in its way, and what it is now."""
    with opened_place(data, config) as place, place.reading() as (connection, now_us):
        record = find_usage(connection, request)
        if record is None:
            raise NotFound(
                f"no request {request[:64]} was recorded here",
                remedy="Requests whose caller was not known are only in the log.",
            )
        told = explain(connection, place.standings, record, now_us=now_us)
    if as_json:
        typer.echo(why_answer(told).model_dump_json(indent=2))
    else:
        typer.echo(_story(told))


def _story(told: Why) -> str:
    record, then, now = told.record, told.then, told.now
    lines = [told.answer, ""]
    lines.append(f"  request   {record.id}, {moment(from_us(record.started_at_us))} UTC")
    lines.append(f"  model     {record.model_id or '-'}")
    lines.append(f"  answer    {record.status} {record.error_code}".rstrip())
    if told.message:
        lines.append(f"  message   {told.message}")
    if then is not None and now is not None:
        name = told.metadata.get("scope_name") or then.scope_id
        window = f" per {then.period}" if then.period else ""
        lines.append(f"  limit     {then.kind} of {then.scope} {name}{window}")
        most = "" if now.max is None else f" of {shown(then.kind, now.max)}"
        lines.append(f"  now       {shown(then.kind, now.current)}{most}")
        if now.resets_at_us is not None:
            lines.append(f"  turns     {moment(from_us(now.resets_at_us))} UTC")
    remedy = told.metadata.get("remedy")
    if remedy:
        lines.append(f"  remedy    {remedy}")
    return "\n".join(lines)
