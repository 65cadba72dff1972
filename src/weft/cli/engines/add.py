"""`weft models add`: writes a model's card by reading what the model says about itself."""

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.cli.engines.place import Place, TokenOption, open_place, shown_bytes
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.engines.metadata.card_toml import NewCard, render_card
from weft.engines.metadata.facts import Facts
from weft.engines.metadata.origins import Origin, look_into_repository, look_on_disk
from weft.kit.errors import CannotStart, InvalidRequest

NO_PRICE = "no price was given to `weft models add`; free until one is written here"
_OPERATORS_PRICE = "given to `weft models add`"
_NOT_IN_NAMES = str.maketrans(dict.fromkeys(" /\\:*?\"<>|'`$&;()[]{}#%@!,+=~^", "-"))


class AddedLine(msgspec.Struct, frozen=True):
    """A new card, as `--json` tells it."""

    model: str
    path: str
    toml: str
    is_written: bool


@dataclass(frozen=True, slots=True)
class _Prices:
    input_usd: str
    output_usd: str
    source: str


def add(  # noqa: PLR0913 - a flag each
    target: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A file.gguf, a folder, or organisation/repository.",
            show_default=False,
        ),
    ],
    *,
    id_: Annotated[
        str, typer.Option("--id", help="The model's id. [from its name]", show_default=False)
    ] = "",
    input_price: Annotated[
        str,
        typer.Option(help="Dollars per million tokens of the prompt. [0]", show_default=False),
    ] = "",
    output_price: Annotated[
        str,
        typer.Option(help="Dollars per million tokens of the answer. [0]", show_default=False),
    ] = "",
    quantization: Annotated[
        str, typer.Option(help="Which GGUF of a repository: Q8_0, Q4_K_M.", show_default=False)
    ] = "",
    revision: Annotated[
        str, typer.Option(help="A branch, a tag or a commit. [the newest]", show_default=False)
    ] = "",
    token: TokenOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the card only.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a model: write its card from its own metadata.

    From a GGUF: context, parameters, quantization, licence, and from its chat template tools and reasoning. From a
    folder or a repository with safetensors the same, out of config.json and the tokenizer's files. Look through it:
    a template tells what a model was taught, and not how well.
    """
    place = open_place(data, config)
    prices = _prices(input_price, output_price)
    path = Path(target).expanduser()
    if path.exists():
        origin = look_on_disk(path.absolute())
    elif path.suffix == ".gguf" or path.is_absolute() or target.startswith((".", "~")):
        raise CannotStart(f"{path}: there is no such file or folder")
    else:
        origin = look_into_repository(place.source(token), target, revision, quantization)
    card_id = id_ or origin.suggested_id
    text = render_card(_new_card(card_id, origin, prices), _whole(origin))
    file = place.settings.catalog_dir / f"{card_id.lower().translate(_NOT_IN_NAMES)}.toml"
    card = _check(place, card_id, text, file, force=force)
    if not dry_run:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    if as_json:
        echo_json(AddedLine(card.id, str(file), text, not dry_run))
    elif dry_run:
        typer.echo(text, nl=False)
    else:
        typer.echo(_story(card, file, origin))


def _prices(input_usd: str, output_usd: str) -> _Prices:
    if not input_usd and not output_usd:
        return _Prices("0", "0", NO_PRICE)
    if not input_usd or not output_usd:
        raise InvalidRequest("--input-price goes with --output-price; say both")
    return _Prices(input_usd.removeprefix("$"), output_usd.removeprefix("$"), _OPERATORS_PRICE)


def _new_card(card_id: str, origin: Origin, prices: _Prices) -> NewCard:
    return NewCard(
        id=card_id,
        input_usd_per_mtok=prices.input_usd,
        output_usd_per_mtok=prices.output_usd,
        price_source=prices.source,
        read_on=datetime.now(UTC).date(),
        engine=origin.engine,
        weights=origin.weights,
        repository=origin.repository,
        mmproj=origin.mmproj,
        read_from=origin.place,
    )


def _whole(origin: Origin) -> Facts:
    """The facts; a card without a context window would be none."""
    if origin.facts.context_tokens:
        return origin.facts
    raise CannotStart(
        f"{origin.place} does not say how long its context is",
        remedy="write its card by hand: docs/guides/add-a-model.md",
    )


def _check(place: Place, card_id: str, text: str, file: Path, *, force: bool) -> ModelCard:
    """The card that the catalog would have with this file in its folder.

    Raises:
        CannotStart: the file is there, another one describes the model, or the catalog does not take it.
    """
    if file.exists() and not force:
        raise CannotStart(f"{file} is there already", remedy="say --force to replace it, or --id")
    known = place.catalog.find(card_id)
    if known is not None and known.path != file:
        raise CannotStart(
            f"the catalog has {card_id} already, in {known.path}", remedy="name another with --id"
        )
    folder = place.settings.catalog_dir
    with tempfile.TemporaryDirectory(prefix="weft-") as scratch:
        candidate = Path(scratch, file.name)
        candidate.write_text(text, encoding="utf-8")
        try:
            made = load_catalog(folder if folder.is_dir() else None, candidate=candidate)
        except CannotStart as error:
            said = error.message.removeprefix(str(scratch)).lstrip("/")
            raise CannotStart(
                f"no card can be made of this: {said}", remedy="write it by hand from --dry-run"
            ) from error
    return replace(made.get(card_id), path=file)


def _story(card: ModelCard, file: Path, origin: Origin) -> str:
    facts = origin.facts
    what = [f"{facts.context_tokens:,} tokens of context"]
    if facts.quantization:
        what.append(facts.quantization)
    if facts.size_bytes:
        what.append(shown_bytes(facts.size_bytes))
    if facts.tools:
        what.append("tools")
    if card.capabilities.reasoning != "none":
        what.append(f"reasoning {card.capabilities.reasoning.replace('-', ' ')}")
    free = not card.prices[-1].input_nusd_per_mtok and not card.prices[-1].output_nusd_per_mtok
    lines = [f"Added {card.id}: {', '.join(what)}.", f"Its card: {file}"]
    if free:
        lines.append("It costs nothing until you write a price there.")
    if origin.repository:
        lines.append(f"Pull its weights: weft models pull {card.id}")
    lines.append("A server that runs finds it when it starts again.")
    return "\n".join(lines)
