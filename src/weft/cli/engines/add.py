"""`weft models add`: writes a model's card by reading what the model says about itself."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.catalog.types import ModelCard
from weft.cli.engines.place import (
    Place,
    TokenOption,
    open_place,
    shown_bytes,
    tell_of_model,
)
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.engines.adding.draft import (
    CardExists,
    Draft,
    IdTaken,
    NoCard,
    Prices,
    draft_card,
    read_prices,
)
from weft.engines.metadata.origins import Origin, look_into_repository, look_on_disk
from weft.kit.errors import CannotStart

_REMEDIES: dict[type[CannotStart], str] = {
    CardExists: "say --force to replace it, or --id",
    IdTaken: "name another with --id",
    NoCard: "write it by hand: docs/guides/add-a-model.md",
}


class AddedLine(msgspec.Struct, frozen=True):
    """A new card, as `--json` tells it."""

    model: str
    path: str
    toml: str
    is_written: bool


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
    prices = read_prices(input_price, output_price, given_to="`weft models add`")
    path = Path(target).expanduser()
    if path.exists():
        origin = look_on_disk(path.absolute())
    elif path.suffix == ".gguf" or path.is_absolute() or target.startswith((".", "~")):
        raise CannotStart(f"{path}: there is no such file or folder")
    else:
        origin = look_into_repository(place.source(token), target, revision, quantization)
    draft = _draft(place, origin, prices, id_=id_, force=force)
    card, file, text = draft.card, draft.file, draft.text
    if not dry_run:
        draft.write()
        tell_of_model(place, "model.add", card.id, card=str(file), replaced=force)
    if as_json:
        echo_json(AddedLine(card.id, str(file), text, not dry_run))
    elif dry_run:
        typer.echo(text, nl=False)
    else:
        typer.echo(_story(card, file, origin))


def _draft(place: Place, origin: Origin, prices: Prices, *, id_: str, force: bool) -> Draft:
    """The card, with this command's flags for what to do about a mistake."""
    try:
        return draft_card(
            origin,
            prices,
            id_=id_,
            folder=place.settings.catalog_dir,
            catalog=place.catalog,
            force=force,
        )
    except (CardExists, IdTaken, NoCard) as error:
        raise CannotStart(error.message, remedy=_REMEDIES[type(error)]) from error


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
