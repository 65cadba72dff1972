"""One server for the tests of this folder, and a client on it."""

import json
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.server import PROJECT, TEAM, Weft, running_weft

NAME = f"{TEAM}/{PROJECT}"


@dataclass(frozen=True)
class Client:
    """Asks a server's trace API."""

    weft: Weft
    http: httpx.Client = field(repr=False)
    name: str = NAME
    headers: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.http.post(path, json=body, headers=self.headers)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query, headers=self.headers)

    def delete(self, path: str, **query: Any) -> httpx.Response:
        return self.http.delete(path, params=query, headers=self.headers)

    def lines(self, path: str, **query: Any) -> list[Any]:
        """The lines of a list that is asked for with GET."""
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]

    def ok(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON answer of a POST that succeeds; `project_id` is put in."""
        response = self.post(path, {"project_id": self.name, **body})
        assert response.status_code == 200, response.text
        return response.json()

    def as_key(self, key: str) -> "Client":
        return replace(self, headers={"Authorization": f"Bearer {key}"})


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[Client]:
    folder: Path = tmp_path_factory.mktemp("evals")
    settings = {
        "WEFT_TEAM": TEAM,
        "WEFT_PROVIDER_ALLOW": "127.0.0.1",
        "WEFT_MONITOR_LOOK_S": "0.5",
    }
    with running_weft(folder, settings=settings) as weft:
        weft.cli("project", "create", NAME)
        base = f"{weft.console_url}traces"
        with httpx.Client(base_url=base, headers=weft.headers, timeout=30) as http:
            yield Client(weft, http)
