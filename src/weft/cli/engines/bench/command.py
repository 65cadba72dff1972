"""`weft models bench`: which engine runs a model fastest here, of those that can do what its card claims."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.cli.engines.bench.prefer import overlay_for, reordered
from weft.cli.engines.bench.trial import STREAMS, Trial, hold_trial
from weft.cli.engines.place import ModelArgument, Place, Way, open_place
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.engines.pool import EngineSettings
from weft.gateway.wire.bounds import Bounds
from weft.kit.errors import CannotStart
from weft.kit.logs import configure_logging

_NOT_IN_NAMES = str.maketrans(dict.fromkeys(" /\\:", "-"))


class TrialLine(msgspec.Struct, frozen=True):
    """One engine, as `--json` tells it."""

    engine: str
    tokens_per_s_1_stream: float
    tokens_per_s_8_streams: float
    prompt_1k_s: float
    lacks: list[str]
    problem: str


class BenchLine(msgspec.Struct, frozen=True):
    """All of them."""

    model: str
    engines: list[TrialLine]
    fastest: str
    """Of those that do what the card claims; empty where none does."""
    written: str
    """The file that prefers it now; empty where none was written."""


def bench(
    model: ModelArgument,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Prefer the fastest from now on, in the model's card.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Time each engine that can run a model here, one after the other.

    Each is started alone, with the weights that its table in the card names, and is first asked for what the card
    claims: tools, JSON schemas, log probabilities. One that cannot do that is not preferred, however fast it is. Stop
    the server first, or its engines take their share of the machine.
    """
    place = open_place(data, config)
    card = place.card(model)
    ways = [way for way in place.ways(card) if way.runs]
    if not ways:
        raise CannotStart(
            f"nothing here runs {card.id}",
            remedy=f"`weft models show {card.id}` says what is missing",
        )
    configure_logging(place.settings.model_copy(update={"log_level": "warning"}))
    trials = [_trial(place, card, way, quiet=as_json) for way in ways]
    ranked = sorted((trial for trial in trials if trial.is_fit), key=lambda trial: -trial.speed)
    written = _write(place, card, [trial.kind for trial in ranked]) if write and ranked else None
    if as_json:
        echo_json(_line(card, trials, ranked, written))
    else:
        typer.echo(_text(card, trials, ranked, written))


def _trial(place: Place, card: ModelCard, way: Way, *, quiet: bool) -> Trial:
    if not quiet:
        typer.echo(f"{way.kind} ...", err=True)
    settings = EngineSettings.from_settings(place.settings)
    return asyncio.run(hold_trial(card, way.kind, way.spec, settings, Bounds()))


def _write(place: Place, card: ModelCard, kinds: list[str]) -> Path:
    """Have the card prefer `kinds`, in this order.

    Raises:
        CannotStart: the catalog does not take the file.
    """
    folder = place.settings.catalog_dir
    held = _file_of(folder, card)
    file = held or folder / f"{card.id.lower().translate(_NOT_IN_NAMES)}.toml"
    if held is None and file.exists():
        raise CannotStart(f"{file} is there already, and about another model", remedy="rename it")
    text = reordered(held.read_text("utf-8"), kinds) if held else overlay_for(card.id, kinds)
    folder.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    try:
        load_catalog(folder, candidate=draft)
    except CannotStart:
        draft.unlink()
        raise
    draft.replace(file)
    return file


def _file_of(folder: Path, card: ModelCard) -> Path | None:
    """The file of the folder that is about `card`."""
    return card.path if card.path.parent == folder else None


def _line(
    card: ModelCard, trials: list[Trial], ranked: list[Trial], written: Path | None
) -> BenchLine:
    few, many = STREAMS
    return BenchLine(
        model=card.id,
        engines=[
            TrialLine(
                engine=trial.kind,
                tokens_per_s_1_stream=trial.tokens_per_s.get(few, 0.0),
                tokens_per_s_8_streams=trial.tokens_per_s.get(many, 0.0),
                prompt_1k_s=trial.prompt_s,
                lacks=list(trial.lacks),
                problem=trial.problem,
            )
            for trial in trials
        ],
        fastest=ranked[0].kind if ranked else "",
        written=str(written) if written else "",
    )


def _text(card: ModelCard, trials: list[Trial], ranked: list[Trial], written: Path | None) -> str:
    columns = (
        Column("engine"),
        *(Column(f"tokens/s, {streams}", right=True) for streams in STREAMS),
        Column("1k prompt, s", right=True),
        Column("cannot", shrinks=True),
    )
    rows = [
        (
            trial.kind,
            *(f"{trial.tokens_per_s.get(streams, 0.0):,.1f}" for streams in STREAMS),
            f"{trial.prompt_s:.2f}",
            trial.problem or ", ".join(trial.lacks),
        )
        for trial in trials
    ]
    lines = [table(columns, rows), ""]
    if not ranked:
        lines.append(f"None of them does what the card of {card.id} claims.")
    elif written:
        lines.append(
            f"{written} prefers {ranked[0].kind} now; a server finds it at its next start."
        )
    else:
        lines.append(f"{ranked[0].kind} is the one to prefer; `--write` says so in the card.")
    return "\n".join(lines)
