"""What the tests of batches ask for: datasets, evaluations and their ends."""

import time
from typing import Any

import httpx

from conformance.server import ECHO
from evals.conftest import Client
from evals.test_runs import BASES, publish

WAIT_S = 30.0


def dataset(client: Client, rows: list[dict[str, Any]], name: str = "Words") -> str:
    table = client.post("/table/create", {"table": {"project_id": client.name, "rows": rows}})
    assert table.status_code == 200, table.text
    rows_ref = f"weave:///{client.name}/table/{table.json()['digest']}"
    val = {"_type": "Dataset", "_class_name": "Dataset", "_bases": BASES, "rows": rows_ref}
    return publish(client, name, val)


def wanted(dataset_ref: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "words",
        "dataset_ref": dataset_ref,
        "models": [{"model": ECHO, "name": "parrot", "params": {"max_tokens": 64}}],
        **more,
    }


class Evals:
    """The routes of one project."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.base = f"{client.weft.console_url}api/evals/{client.name}"

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {**self.client.weft.headers, **self.client.headers}
        return httpx.request(method, self.base + path, json=body, headers=headers, timeout=60)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def start(self, body: Any) -> Any:
        return self.ok("POST", "/batches", body)

    def estimate(self, body: Any) -> Any:
        return self.ok("POST", "/estimate", body)

    def ended(self, batch_id: str) -> Any:
        until_s = time.monotonic() + WAIT_S
        while time.monotonic() < until_s:
            batch = self.ok("GET", f"/batches/{batch_id}")
            if batch["state"] != "running":
                return batch
            time.sleep(0.05)
        raise AssertionError("it runs on")
