"""One server and one browser for each module of browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from conformance.server import PROJECT, TEAM, Engine, Weft, running_engine, running_weft
from console.browser import Console, running_browser


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
        weft.cli("team", "create", TEAM, "--admin", "admin")
        weft.cli("project", "create", f"{TEAM}/{PROJECT}")
        weft.cli("user", "create", "ada")
        weft.cli("team", "add", TEAM, "ada", "--role", "member")
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
