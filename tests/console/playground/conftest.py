"""A server whose models echo, think and see, and the pages of a member of its team."""

from collections.abc import Iterator
from shutil import copytree

import pytest
from playwright.sync_api import Page

from conformance.server import CARDS, PROJECT, TEAM, Weft
from console.browser import Console
from console.given import ask, running_console

SLEEPY = """\
id = "test/sleepy"
label = "Sleepy"
provider = "Weft"
context_window_tokens = 4096

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "1"
output_usd_per_mtok = "2"
source = "made up for tests"

[engines.fake]
behaviour = "start_delay_ms=3000"
"""
SEER = """\
id = "test/seer"
label = "Seer"
provider = "Weft"
context_window_tokens = 4096
modalities_input = ["text", "vision"]

[capabilities]
vision = true

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "1"
output_usd_per_mtok = "2"
source = "made up for tests"

[engines.fake]
behaviour = "vision"
"""


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server with a model that sees, and with the whole of each request in its project's traces."""
    folder = tmp_path_factory.mktemp("playground")
    cards = copytree(CARDS, folder / "cards")
    (cards / "seer.toml").write_text(SEER)
    (cards / "sleepy.toml").write_text(SLEEPY)
    with running_console(folder, cards=cards) as weft:
        ask(weft, "PUT", f"projects/{TEAM}/{PROJECT}/trace", trace="full")
        yield weft


@pytest.fixture
def page(console: Console) -> Iterator[Page]:
    """A page of a member of the team."""
    with console.page(username="ada") as page:
        yield page
