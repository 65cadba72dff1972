"""What the commands about models share: the catalog, the folder of weights, and what runs on this machine."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, assert_never

import typer

from weft.catalog.catalog import Catalog, ModelNotFound
from weft.catalog.load import load_catalog
from weft.catalog.types import (
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    OpenVinoSpec,
    RemoteSpec,
)
from weft.cli.store import NoDatabase, open_database, tell
from weft.engines.adding.work import source_of
from weft.engines.gpus import find_gpus
from weft.engines.kinds.plan import make_plan
from weft.engines.ray.placement import RayOptions
from weft.engines.types import Machine
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.found import with_pulled
from weft.engines.weights.types import Source
from weft.identity.audit.types import Value
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings, load_settings

ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="A model's id or alias.", show_default=False)
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        help="Access token of the hub. Else WEFT_HUB_TOKEN, HF_TOKEN.",
        show_default=False,
    ),
]
SHIPS = "package:"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run a model here."""

    kind: str
    spec: EngineSpec
    """With the weights that were pulled."""
    runs: bool
    problem: str = ""
    """Why its table makes no sense; empty where it does."""


@dataclass(frozen=True, slots=True)
class Place:
    """What `--data` and `--config` lead to."""

    settings: Settings
    catalog: Catalog
    weights: WeightsFolder
    machine: Machine

    def card(self, name: str) -> ModelCard:
        """The card of this id or alias.

        Raises:
            CannotStart: there is none.
        """
        try:
            return self.catalog.get(name)
        except ModelNotFound as error:
            near = self.catalog.nearest(name)
            hint = f"did you mean {near[0]}? " if near else ""
            raise CannotStart(
                f"the catalog has no model {name[:200]!r}",
                remedy=f"{hint}`weft models ls` lists them; `weft models add` adds one",
            ) from error

    def ways(self, card: ModelCard) -> list[Way]:
        """Each way to run `card`, in its order of preference, and whether it works here."""
        return [self._way(card, spec) for spec in card.engines]

    def source(self, token: str) -> Source:
        """Where weights are had from: the mirror, if there is one, or else the hub."""
        return source_of(self.settings, token)

    def _way(self, card: ModelCard, spec: EngineSpec) -> Way:
        filled = with_pulled(card, spec, self.weights.path)
        kind = kind_of(spec)
        try:
            return Way(kind, filled, make_plan(card, spec, self.machine) is not None)
        except CannotStart as error:
            return Way(kind, filled, runs=False, problem=error.message)


def open_place(data: Path | None, config: Path | None) -> Place:
    """The place of these flags."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    folder, ray = settings.catalog_dir, RayOptions.from_settings(settings)
    machine = Machine(
        threads=settings.engine_threads, gpus=find_gpus(), weights_dir=settings.weights_dir
    )
    return Place(
        settings,
        load_catalog(folder if folder.is_dir() else None),
        WeightsFolder(settings.weights_dir),
        ray.machine(machine) if ray else machine,
    )


def tell_of_model(place: Place, action: str, model: str, **detail: Value) -> None:
    """Put what was changed on this machine's disk into the audit log, if a server was ever started on its data."""
    try:
        with (
            contextlib.closing(open_database(place.settings)) as database,
            database.write() as connection,
        ):
            tell(connection, action, model, **detail)
    except NoDatabase:
        return


def kind_of(spec: EngineSpec) -> str:
    """The name of its table in a card."""
    match spec:
        case LlamaCppSpec():
            return "llama_cpp"
        case OpenVinoSpec():
            return "openvino"
        case GpuServerSpec():
            return spec.kind
        case RemoteSpec():
            return "remote"
        case FakeSpec():
            return "fake"
        case _:
            assert_never(spec)


def weights_of(spec: EngineSpec) -> str:
    """The path, or whatever else, of the weights that a spec names; empty where it takes or names none."""
    match spec:
        case LlamaCppSpec() | OpenVinoSpec() | GpuServerSpec():
            return spec.weights
        case _:
            return ""


def shown_bytes(size: float) -> str:
    """A size as people read it: `2.3 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 100 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TiB"
