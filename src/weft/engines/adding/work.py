"""The work of a download, which blocks: run in a thread of its own, never in the event loop.

1. Look at the repository, and for a new model draft its card; nothing is downloaded for what could not be served.
2. Pull the files, going on where an earlier pull stopped.
3. Write the card of a new model: from here on the catalog can have it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from weft.catalog.catalog import Catalog
from weft.catalog.types import ModelCard
from weft.engines.adding.choice import choose_files, choose_wanted
from weft.engines.adding.draft import Draft, draft_card, read_prices
from weft.engines.adding.types import Ask, KnownModel, NewModel
from weft.engines.metadata.origins import look_at_listing
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.mirror import Mirror
from weft.engines.weights.pull import pull, started_bytes
from weft.engines.weights.types import Listing, Progress, Source, safe_path
from weft.kit.settings import Settings

GIVEN_TO = "the console"


@dataclass(frozen=True, slots=True)
class Shop:
    """Where models are had from, and where they go."""

    catalog: Catalog
    weights: WeightsFolder
    cards: Path
    """The folder of one's own model cards."""
    source: Callable[[str], Source]
    """For an access token, which may be empty."""
    source_name: str
    has_token: bool
    """Whether the server has a token of its own."""

    @classmethod
    def of(cls, settings: Settings, catalog: Catalog) -> "Shop":
        """As the settings say."""
        mirror = settings.hub_mirror
        return cls(
            catalog,
            WeightsFolder(settings.weights_dir),
            settings.catalog_dir,
            partial(source_of, settings),
            Mirror(Path(mirror)).name if mirror else settings.hub_url,
            bool(settings.hub_token.get_secret_value()),
        )


def source_of(settings: Settings, token: str) -> Source:
    """Where weights are had from: the mirror, if there is one, or else the hub, with `token` or the server's own."""
    if settings.hub_mirror:
        return Mirror(Path(settings.hub_mirror))
    from weft.engines.weights.hub import Hub  # noqa: PLC0415 - slow to import

    return Hub(settings.hub_url, token or settings.hub_token.get_secret_value())


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to be had."""

    source: Source
    listing: Listing
    paths: tuple[str, ...]
    draft: Draft | None
    """Of a new model."""
    card: ModelCard
    engine: str
    """The kind that the weights are for."""

    @property
    def sizes(self) -> dict[str, int]:
        """Of the files that are wanted, in bytes."""
        wanted = set(self.paths)
        return {one.path: one.size_bytes for one in self.listing.files if one.path in wanted}


class Watch(Protocol):
    """Told how a download goes on; whatever it raises ends the work."""

    def looked(self, looked: Looked, here: dict[str, int]) -> None:
        """What will be pulled, and what of it lies `here` already, in bytes."""
        ...

    def begins(self, name: str) -> Progress:
        """A file begins; what it gives back is told of its bytes."""
        ...


def look(shop: Shop, ask: Ask) -> Looked:
    """What `ask` would bring.

    Raises:
        WeftError: the repository cannot be had, or does not hold what is asked for.
    """
    source = shop.source(ask.token)
    match ask.what:
        case NewModel() as new:
            listing = source.list_files(new.repository, ask.revision)
            origin = look_at_listing(source, listing, ask.quantization)
            prices = read_prices(new.input_usd_per_mtok, new.output_usd_per_mtok, given_to=GIVEN_TO)
            draft = draft_card(origin, prices, id_=new.id, folder=shop.cards, catalog=shop.catalog)
            card, engine = draft.card, ""
        case KnownModel() as known:
            card, engine, draft = known.card, known.engine, None
            repository = choose_wanted(card, engine).repository
            listing = source.list_files(repository, ask.revision)
    wanted = choose_wanted(card, engine)
    paths = choose_files(listing, wanted, "" if draft else ask.quantization)
    return Looked(source, listing, paths, draft, card, wanted.kind)


def bring(shop: Shop, ask: Ask, watch: Watch) -> Looked:
    """All of it, from the look to the card.

    Raises:
        WeftError: as `look`; or there is no room, or the source fails.
    """
    looked = look(shop, ask)
    watch.looked(looked, _here(shop.weights, looked))
    pull(looked.source, looked.listing, looked.paths, shop.weights, watch.begins)
    if looked.draft is not None:
        looked.draft.write()
    return looked


def _here(weights: WeightsFolder, looked: Looked) -> dict[str, int]:
    folder, wanted = weights.folder_of(looked.listing.repository), set(looked.paths)
    found: dict[str, int] = {}
    for file in looked.listing.files:
        if file.path in wanted:
            path = safe_path(folder, file.path)
            is_whole = path.is_file() and path.stat().st_size == file.size_bytes
            part = min(file.size_bytes, started_bytes(weights, looked.listing, file))
            found[file.path] = file.size_bytes if is_whole else part
    return found
