"""`weft models ls`: every card, and what this machine can do with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.catalog.types import ModelCard
from weft.cli.engines.place import SHIPS, Place, Way, open_place, shown_bytes, weights_of
from weft.cli.engines.server import EngineLine, look
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.engines.kinds.llama_cpp import locate
from weft.engines.weights.found import Wanted, all_wanted
from weft.kit.money import format_usd


class ModelLine(msgspec.Struct, frozen=True):
    """A model as `--json` tells it; money in nano-dollars per million tokens."""

    id: str
    label: str
    state: str
    """`runs`, `to-pull`, `not-here` or `broken`."""
    stage: str
    """In the server that runs: `ready`, `asleep`, `loading`; empty without one."""
    engine: str
    """What runs it here, or would once it is pulled."""
    engines: list[str]
    """All that can run it here."""
    origin: str
    """Where the weights come from: `ships`, `pulled`, `card`, `server`, `hub`; empty where nobody knows."""
    weights: str
    """A path, or the repository that they can be pulled from."""
    size_bytes: int
    """On this disk."""
    input_nusd_per_mtok: str
    output_nusd_per_mtok: str
    card: str


_WORDS = {"runs": "runs", "to-pull": "to pull", "not-here": "not here", "broken": "broken"}


def ls(
    *,
    here: Annotated[bool, typer.Option("--here", help="Only what runs here.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the models of the catalog, and which of them run here.

    The price is in dollars per million tokens, in and out.
    """
    place = open_place(data, config)
    live = look(place.settings) or {}
    lines = [line_of(place, card, live) for card in place.catalog.cards]
    total = len(lines)
    if here:
        lines = [line for line in lines if line.state == "runs"]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo("No model runs here. `weft models ls` lists the catalog.")
    else:
        typer.echo(_table(lines, total))


def line_of(place: Place, card: ModelCard, live: Mapping[str, EngineLine]) -> ModelLine:
    """What this machine can do with `card`, and what the server that runs does with it."""
    ways = place.ways(card)
    running = [way for way in ways if way.runs]
    wanted = all_wanted(card)
    price = card.price_at(datetime.now(UTC))
    if running:
        state, engine = "runs", running[0].kind
        origin, weights = _origin(place, running[0])
    elif any(way.problem for way in ways):
        state, engine = "broken", ""
        origin, weights = "", ""
    else:
        pullable = next((one for one in wanted if one.is_gguf), None)
        state, engine = ("to-pull", pullable.kind) if pullable else ("not-here", "")
        origin, weights = ("hub", _first_repository(wanted)) if wanted else ("", "")
    running_now = live.get(card.id)
    return ModelLine(
        id=card.id,
        label=card.label,
        state=state,
        stage=running_now.stage if running_now is not None else "",
        engine=engine,
        engines=[way.kind for way in running],
        origin=origin,
        weights=weights,
        size_bytes=size_of(place, running[0] if running else None, wanted),
        input_nusd_per_mtok=str(price.input_nusd_per_mtok),
        output_nusd_per_mtok=str(price.output_nusd_per_mtok),
        card=str(card.path),
    )


def size_of(place: Place, way: Way | None, wanted: list[Wanted]) -> int:
    """What lies on this disk for a model: all that was pulled, or the file that its card names."""
    repositories = {one.repository for one in wanted}
    pulled = sum(sum(place.weights.files_of(name).values()) for name in repositories)
    path = locate(weights_of(way.spec)) if way is not None else None
    if path is None or place.weights.path in path.parents or not path.is_file():
        return pulled
    return pulled + path.stat().st_size


def _origin(place: Place, way: Way) -> tuple[str, str]:
    weights = weights_of(way.spec)
    if not weights:
        return ("server" if way.kind == "remote" else ""), ""
    if weights.startswith(SHIPS):
        return "ships", weights
    return ("pulled" if place.weights.path in Path(weights).parents else "card"), weights


def _first_repository(wanted: list[Wanted]) -> str:
    return next((one for one in wanted if one.is_gguf), wanted[0]).repository


def _table(lines: list[ModelLine], total: int) -> str:
    columns = (
        Column("model", shrinks=True),
        Column("state"),
        Column("engine"),
        Column("on disk", right=True),
        Column("from"),
        Column("$ in", right=True),
        Column("$ out", right=True),
    )
    rows = [
        (
            line.id,
            line.stage or _WORDS[line.state],
            line.engine or "-",
            shown_bytes(line.size_bytes) if line.size_bytes else "-",
            line.origin or "-",
            format_usd(int(line.input_nusd_per_mtok)),
            format_usd(int(line.output_nusd_per_mtok)),
        )
        for line in lines
    ]
    running = sum(line.state == "runs" for line in lines)
    return f"{table(columns, rows)}\n\n{running} of {total} run here."
