"""One server and one browser for each module of browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from conformance.server import Weft
from console.browser import Console, running_browser
from console.given import running_console


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server as `make serve` starts it, with the team `loom`, its project `cloth`, and the member `ada`."""
    with running_console(tmp_path_factory.mktemp("console")) as weft:
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
