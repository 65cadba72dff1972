"""One server and one browser for each module of browser tests."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from conformance.server import PROJECT, TEAM, Engine, Weft, running_engine, running_weft
from console.browser import Console, running_browser

GIVEN = (
    ("POST", "api/teams", {"name": TEAM}),
    ("POST", f"api/teams/{TEAM}/projects", {"name": PROJECT}),
    ("POST", "api/users", {"username": "ada"}),
    ("PUT", f"api/teams/{TEAM}/members/ada", {"role": "member"}),
)
"""What there is from the beginning: asked over HTTP, since each command takes a second to start."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The fake engine behind `test/counted`."""
    with running_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Weft]:
    """A server as `make serve` starts it, with the team `loom`, its project `cloth`, and the member `ada`."""
    folder = tmp_path_factory.mktemp("console")
    with running_weft(folder, flags=("--stand-in",), remote=engine.url) as weft:
        with httpx.Client(base_url=weft.console_url, headers=weft.headers) as admin:
            for method, path, body in GIVEN:
                admin.request(method, path, json=body).raise_for_status()
        yield weft


@pytest.fixture(scope="module")
def console(weft: Weft, browser: Browser) -> Console:
    """Its console."""
    return Console(weft, browser)


@pytest.fixture
def page(console: Console) -> Iterator[Page]:
    """A page of the administrator, watched for errors."""
    with console.page() as page:
        yield page
