"""Every path that the clients know is answered, or refused by name, as the reference page says."""

import re

import httpx
import pytest

from conformance.server import PATIENCE_S, Weft
from weft.identity.names import RESERVED, is_name
from weft.traces.routes.surface import SURFACE, UNSUPPORTED

pytestmark = pytest.mark.conformance
PREFIXES = ("traces", "")


def test_surface_when_asked_then_answers_what_the_page_says(weft: Weft) -> None:
    assert set(UNSUPPORTED) <= set(SURFACE)
    with httpx.Client(timeout=PATIENCE_S, headers=weft.headers) as client:
        for entry in SURFACE:
            method, path = entry.split(" ")
            path = path.replace("{entity}/{project}", "loom/cloth")
            path = re.sub(r"\{[^}]*\}", "none", path)
            for prefix in PREFIXES:
                url = f"{weft.console_url}{prefix}{path if prefix else path[1:]}"
                response = client.request(method, url)
                refused = response.status_code == 501
                assert refused == (entry in UNSUPPORTED), f"{entry}: {response.text[:300]}"
                assert response.status_code < 500 or refused, entry
                if response.status_code == 404:  # of a thing, not of the path
                    assert "requested resource" not in response.text, entry


def test_paths_when_listed_then_no_team_can_have_their_first_part(weft: Weft) -> None:
    described = httpx.get(f"{weft.console_url}openapi.json", timeout=PATIENCE_S).json()
    segments = {
        segment
        for path in described["paths"]
        for segment in (path.split("/")[1], path.removeprefix("/traces").split("/")[1])
        if is_name(segment)
    }
    assert segments - {*RESERVED} == set()
