"""Objects, tables and files are taken while the database is away, and are there when it is back."""

import asyncio

import httpx
import pytest

from traces.doors import OURS, Door
from weft.traces.digests import bytes_digest, table_digest, value_digest

PATIENCE_S = 20.0


@pytest.mark.usefixtures("impatient_writer")
@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
async def test_publishing_when_the_database_is_away_then_goes_on(door: Door) -> None:
    row, content = value_digest({"n": 1}), b"print()"
    table, file = table_digest([row]), bytes_digest(content)
    obj = {"project_id": OURS, "object_id": "thing", "val": {"rows": table}}
    upload = door.client.post(
        "/file/create",
        data={"project_id": OURS},
        files={"file": ("obj.py", content)},
        headers={"authorization": f"Bearer {door.keys['ada']}"},
    )
    reads = (
        ("/obj/read", {"project_id": OURS, "object_id": "thing", "digest": "latest"}),
        ("/table/query", {"project_id": OURS, "digest": table}),
        ("/table/query", {"project_id": OURS, "digest": table_digest([row, row])}),
        ("/file/content", {"project_id": OURS, "digest": file}),
    )
    with door.house.database.write():  # nobody else can write until the block ends
        answers = await asyncio.gather(
            door.ask("/obj/create", {"obj": obj}),
            door.ask("/table/create", {"table": {"project_id": OURS, "rows": [{"n": 1}]}}),
            door.ask("/table/create_from_digests", {"project_id": OURS, "row_digests": [row, row]}),
            upload,
        )
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[0].json()["digest"] == value_digest({"rows": table})
        assert answers[3].json() == {"digest": file}
        for path, body in reads:  # not "no such thing": it was accepted
            assert (await door.ask(path, body)).status_code == 503
    async with asyncio.timeout(PATIENCE_S):
        found = [await _wait_for(door, path, body) for path, body in reads]
    assert found[0].json()["obj"]["version_index"] == 0
    assert len(found[2].json()["rows"]) == 2
    assert found[3].content == content


async def _wait_for(door: Door, path: str, body: dict[str, str]) -> httpx.Response:
    while (answer := await door.ask(path, body)).status_code == 503:
        await asyncio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    return answer
