"""What is asked from the console: a browser's client, logged in by a link."""

import contextlib
from collections.abc import Generator

import httpx
import pytest

from conformance.server import Weft
from evals.conftest import Client


@contextlib.contextmanager
def log_in(weft: Weft, user: str) -> Generator[httpx.Client]:
    """A client with the session of `user`."""
    token = weft.cli("user", "login-link", user)["url"].rpartition("/")[2]
    with httpx.Client(base_url=weft.console_url, timeout=30) as browser:
        browser.get(f"/login/{token}")
        assert browser.cookies.get("weft_session")
        yield browser


@pytest.fixture(scope="session")
def browser(client: Client) -> Generator[httpx.Client]:
    """The admin's."""
    with log_in(client.weft, "admin") as browser:
        yield browser


@pytest.fixture(scope="session")
def viewer(client: Client) -> Generator[httpx.Client]:
    """Somebody's who only reads in the team."""
    weft, team = client.weft, client.name.partition("/")[0]
    weft.cli("user", "create", "vera", "--email", "vera@example.org")
    weft.cli("team", "add", team, "vera", "--role", "viewer")
    with log_in(weft, "vera") as browser:
        yield browser
