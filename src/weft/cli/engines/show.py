"""`weft models show`: one model, what it takes to run it here, and its files."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from weft.catalog.needs import describe_needs
from weft.catalog.types import Capabilities, ModelCard, ReasoningPolicy
from weft.cli.engines.ls import ModelLine, line_of
from weft.cli.engines.place import ModelArgument, Place, Way, open_place, shown_bytes, weights_of
from weft.cli.engines.server import BadgeLine, look, look_at_badges
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import terminal_width
from weft.engines.weights.found import all_wanted
from weft.kit.money import format_usd

_KEY_WIDTH = 12
_DIGEST_CHARS = 12


class FileLine(msgspec.Struct, frozen=True):
    """A file of the folder of weights."""

    path: str
    size_bytes: int
    sha256: str
    """Empty for a file that was not pulled."""


class RepositoryLine(msgspec.Struct, frozen=True):
    """What lies here of one repository."""

    repository: str
    revision: str
    source: str
    folder: str
    files: list[FileLine]


class WayLine(msgspec.Struct, frozen=True):
    """One way to run the model."""

    engine: str
    runs: bool
    weights: str
    needs: str


class ShownModel(msgspec.Struct, frozen=True):
    """A model as `--json` tells it."""

    model: ModelLine
    provider: str
    description: str
    license: str
    context_window_tokens: int
    parameters_total: int
    aliases: list[str]
    capabilities: Capabilities
    badges: list[BadgeLine]
    """What the probes of the running server found; empty without one."""
    lifecycle: str
    price_version: str
    price_source: str
    engines: list[WayLine]
    repositories: list[RepositoryLine]


def show(
    model: ModelArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a model, each way to run it, and its files."""
    place = open_place(data, config)
    card = place.card(model)
    shown = _shown(place, card)
    if as_json:
        echo_json(shown)
    else:
        typer.echo(_text(shown, terminal_width()))


def _shown(place: Place, card: ModelCard) -> ShownModel:
    now = datetime.now(UTC)
    price = card.price_at(now)
    repositories = dict.fromkeys(one.repository for one in all_wanted(card))
    return ShownModel(
        model=line_of(place, card, look(place.settings) or {}),
        provider=card.provider,
        description=card.description_medium or card.description_short,
        license=card.license,
        context_window_tokens=card.context_window_tokens,
        parameters_total=card.parameters_total,
        aliases=list(card.aliases),
        capabilities=card.capabilities,
        badges=look_at_badges(place.settings, card.id),
        lifecycle=card.lifecycle_on(now.date()).value,
        price_version=price.version,
        price_source=price.source,
        engines=[
            _way(way, needs)
            for way, needs in zip(place.ways(card), describe_needs(card), strict=False)
        ],
        repositories=[
            line for name in repositories if (line := _repository(place, name)) is not None
        ],
    )


def _way(way: Way, needs: str) -> WayLine:
    """`needs` begins with the engine's name, which the line tells already."""
    missing = "" if way.runs else way.problem or needs.partition(": ")[2]
    return WayLine(engine=way.kind, runs=way.runs, weights=weights_of(way.spec), needs=missing)


def _repository(place: Place, name: str) -> RepositoryLine | None:
    files = place.weights.files_of(name)
    if not files:
        return None
    index = place.weights.index_of(name)
    return RepositoryLine(
        repository=name,
        revision=index.revision,
        source=index.source,
        folder=str(place.weights.folder_of(name)),
        files=[
            FileLine(path, size, index.files[path].sha256 if path in index.files else "")
            for path, size in files.items()
        ],
    )


def _text(shown: ShownModel, width: int) -> str:
    line = shown.model
    money = f"${_usd(line.input_nusd_per_mtok)} in, ${_usd(line.output_nusd_per_mtok)} out a million tokens"
    lines = [f"{line.id}  ({line.label})", *_wrapped(shown.description, "  ", width), ""]
    facts = (
        ("provider", shown.provider),
        ("licence", shown.license),
        ("context", f"{shown.context_window_tokens:,} tokens"),
        ("parameters", _parameters(shown.parameters_total)),
        ("can", _abilities(shown.capabilities)),
        ("probed", _probed(shown.badges)),
        ("price", f"{money} ({shown.price_source})"),
        ("aliases", ", ".join(shown.aliases)),
        ("lifecycle", shown.lifecycle.replace("-", " ")),
        ("server", line.stage),
        ("card", line.card),
    )
    for key, text in facts:
        lines += _fact(key, text, width)
    lines += ["", "Ways to run it, the preferred one first:"]
    for way in shown.engines:
        lines += _fact(way.engine, _way_text(way), width)
    if not shown.engines:
        lines += _wrapped("none: its card has no [engines.*] table", "  ", width)
    for repository in shown.repositories:
        lines += ["", *_files(repository, width)]
    if line.state == "to-pull":
        lines += ["", f"Pull its weights: weft models pull {line.id}"]
    return "\n".join(lines)


def _fact(key: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    indent = " " * (_KEY_WIDTH + 2)
    first, *others = _wrapped(text, indent, width)
    return [f"  {key:<{_KEY_WIDTH}}{first[len(indent) :]}", *others]


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _way_text(way: WayLine) -> str:
    if not way.runs:
        return f"not here: {way.needs}"
    return f"runs here, with {way.weights}" if way.weights else "runs here"


def _files(repository: RepositoryLine, width: int) -> list[str]:
    at = f" at {repository.revision[:10]}" if repository.revision else ""
    source = f", from {repository.source}" if repository.source else ""
    lines = [
        *_wrapped(f"Files of {repository.repository}{at}{source}:", "", width),
        f"  {repository.folder}",
    ]
    for file in repository.files:
        mark = f"sha256 {file.sha256[:_DIGEST_CHARS]}…" if file.sha256 else "not pulled by Weft"
        lines.append(f"  {shown_bytes(file.size_bytes):>9}  {mark:<20}  {Path(file.path)}")
    return lines


def _usd(nusd: str) -> str:
    return format_usd(int(nusd))


def _parameters(total: int) -> str:
    for unit, size in (("trillion", 10**12), ("billion", 10**9), ("million", 10**6)):
        if total >= size:
            return f"{total / size:.3g} {unit}"
    return str(total) if total else "unknown"


def _probed(badges: list[BadgeLine]) -> str:
    """What works in a word, and what does not with the reason."""
    works = [one.feature for one in badges if one.state in {"works", "also-works"}]
    broken = [f"{one.feature} ({one.detail})" for one in badges if one.state == "broken"]
    parts = [("works: ", works), ("broken: ", broken)]
    return "; ".join(word + ", ".join(found) for word, found in parts if found)


def _abilities(can: Capabilities) -> str:
    known = {
        "streams": can.streaming,
        "tools": can.tools,
        "JSON": can.json_mode,
        "JSON schemas": can.json_schema,
        "log probabilities": can.logprobs,
        "images": can.vision,
        "LoRA": can.lora,
    }
    words = [word for word, has in known.items() if has]
    if can.reasoning is not ReasoningPolicy.NONE:
        words.append(f"reasoning ({can.reasoning.replace('-', ' ')})")
    return ", ".join(words)
