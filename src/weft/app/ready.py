"""What a server that has just become ready says about itself; `cli/announce.py` puts it into words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weft.catalog.types import ModelCard
from weft.identity.bootstrap import FirstStart
from weft.identity.types import DEFAULT_PROJECT
from weft.kit.setting_groups.server import local_url
from weft.kit.settings import Settings

if TYPE_CHECKING:  # slow to import, and commands that start no server know `Ready`
    from weft.engines.pool import Engines


@dataclass(frozen=True, slots=True)
class Ready:
    """Where to reach the server, and, on the first start only, the secrets that are shown once."""

    url: str
    """The base URL for OpenAI clients, `/v1` included."""
    console_url: str
    team: str
    project: str
    api_key: str | None = field(repr=False)
    admin_username: str
    admin_password: str | None = field(repr=False)
    admin_link: str | None = field(repr=False)
    """Signs the admin in, once."""
    models: tuple[str, ...]
    """What really runs here, besides stand-ins."""
    stand_in: bool


def ready(
    settings: Settings,
    first: FirstStart | None,
    cards: Iterable[ModelCard],
    engines: "Engines",
    port: int,
) -> Ready:
    """What is told of a server that listens on `port`; `first` when it made its administrator just now."""
    base = settings.public_url or local_url(settings.host, port)
    states = ((card.id, engines.state_of(card)) for card in cards)
    return Ready(
        url=f"{base}/v1",
        console_url=f"{base}/",
        team=first.team if first else settings.team,
        project=first.project if first else DEFAULT_PROJECT,
        api_key=first.api_key if first else None,
        admin_username=first.username if first else settings.admin_username,
        admin_password=first.password if first else None,
        admin_link=f"{base}/login/{first.login_link}" if first else None,
        models=tuple(id_ for id_, state in states if state.runnable and not state.stand_in),
        stand_in=settings.stand_in,
    )
