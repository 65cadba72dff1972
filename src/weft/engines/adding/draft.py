"""The card of a new model: made of what its files say, and judged with the rest of the catalog before it is written."""

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from weft.catalog.catalog import Catalog
from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.engines.metadata.card_toml import NewCard, render_card
from weft.engines.metadata.facts import Facts
from weft.engines.metadata.origins import Origin
from weft.kit.errors import CannotStart, InvalidRequest

NO_PRICE = "no price was given when the model was added; free until one is written here"
_NOT_IN_NAMES = str.maketrans(dict.fromkeys(" /\\:*?\"<>|'`$&;()[]{}#%@!,+=~^", "-"))


class CardExists(CannotStart):
    """A file of that name lies in the folder of cards."""

    remedy = "give the model another id"


class IdTaken(CannotStart):
    """The catalog has a model of that id, described elsewhere."""

    remedy = "give the model another id"


class NoCard(CannotStart):
    """What the model's files say does not make a card."""

    remedy = "write its card by hand: docs/guides/add-a-model.md"


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens, as a person wrote them."""

    input_usd: str
    output_usd: str
    source: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A card that the catalog takes, and where it is to lie."""

    card: ModelCard
    text: str
    file: Path

    def write(self) -> None:
        """Put the file there in one step."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".new")
        draft.write_text(self.text, encoding="utf-8")
        draft.replace(self.file)


def read_prices(input_usd: str, output_usd: str, *, given_to: str) -> Prices:
    """Both prices or none; `given_to` says where they came from.

    Raises:
        InvalidRequest: one came without the other.
    """
    if not input_usd and not output_usd:
        return Prices("0", "0", NO_PRICE)
    if not input_usd or not output_usd:
        raise InvalidRequest("the input price goes with the output price; say both")
    return Prices(input_usd.removeprefix("$"), output_usd.removeprefix("$"), f"given to {given_to}")


def draft_card(
    origin: Origin, prices: Prices, *, id_: str, folder: Path, catalog: Catalog, force: bool = False
) -> Draft:
    """The card of what was looked at, under the id `id_` or the one that its name suggests.

    Raises:
        CardExists, IdTaken, NoCard: as their names say; with `force` a file of that name is replaced.
    """
    card_id = id_ or origin.suggested_id
    text = render_card(_new_card(card_id, origin, prices), _whole(origin))
    file = folder / f"{card_id.lower().translate(_NOT_IN_NAMES)}.toml"
    if file.exists() and not force:
        raise CardExists(f"{file} is there already")
    known = catalog.find(card_id)
    if known is not None and known.path != file:
        raise IdTaken(f"the catalog has {card_id} already, in {known.path}")
    return Draft(_judge(card_id, text, file), text, file)


def _judge(card_id: str, text: str, file: Path) -> ModelCard:
    """The card that the catalog would have with this file in its folder."""
    folder = file.parent
    with tempfile.TemporaryDirectory(prefix="weft-") as scratch:
        candidate = Path(scratch, file.name)
        candidate.write_text(text, encoding="utf-8")
        try:
            made = load_catalog(folder if folder.is_dir() else None, candidate=candidate)
        except CannotStart as error:
            said = error.message.removeprefix(str(scratch)).lstrip("/")
            raise NoCard(f"no card can be made of this: {said}") from error
    return replace(made.get(card_id), path=file)


def _new_card(card_id: str, origin: Origin, prices: Prices) -> NewCard:
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
    raise NoCard(f"{origin.place} does not say how long its context is")
