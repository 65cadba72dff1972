"""What a server that has just become ready says about itself; `cli/announce.py` puts it into words."""

from dataclasses import dataclass, field


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
