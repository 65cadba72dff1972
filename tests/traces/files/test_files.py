"""Files through their routes: kept by content, given back byte for byte, by old names and new."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from traces.doors import OURS, THEIRS, Door
from weft.traces.digests import bytes_digest
from weft.traces.files.write import PART_BYTES


async def upload(
    door: Door,
    content: bytes,
    *,
    path: str = "/file/create",
    user: str = "ada",
    project: str = OURS,
    **fields: str,
) -> httpx.Response:
    return await door.client.post(
        path,
        data={"project_id": project, **fields},
        files={"file": ("obj.py", content, "text/x-python")},
        headers={"authorization": f"Bearer {door.keys[user]}"},
    )


async def download(
    door: Door, digest: str, path: str = "/file/content", **who: Any
) -> httpx.Response:
    return await door.ask(path, {"project_id": OURS, "digest": digest}, **who)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff one",
        b"x" * PART_BYTES,
        b"".join(sha256(b"%d" % number).digest() for number in range(100_000)),
    ],
    ids=["empty", "small", "one part", "some parts"],
)
async def test_file_when_kept_then_comes_back_byte_for_byte(door: Door, content: bytes) -> None:
    digest = bytes_digest(content)
    for _ in range(2):
        answer = await upload(door, content, expected_digest=digest)
        assert answer.json() == {"digest": digest}
    found = await download(door, digest)
    assert found.content == content
    assert found.headers["content-length"] == str(len(content))
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["x-content-type-options"] == "nosniff"
    sizes = {"project_id": OURS}
    assert await door.get("/files/query_stats", sizes) == {"total_size_bytes": len(content)}


async def test_file_when_asked_by_old_names_then_the_same(door: Door) -> None:
    digest = (await upload(door, b"one", path="/files/create")).json()["digest"]
    assert (await download(door, digest, "/files/content")).content == b"one"
    assert await door.get("/files/stats", {"project_id": OURS}) == {"total_size_bytes": 3}


async def test_file_when_its_url_is_asked_for_then_leads_to_it(door: Door) -> None:
    digest = (await upload(door, b"one")).json()["digest"]
    body = {"project_id": OURS, "uris": [digest]}
    [url] = (await door.get("/files/resolve_url", body))["download_urls"]
    assert (await door.ask(url, method="GET")).content == b"one"
    assert (await door.ask(url, method="GET", user="mel")).status_code == 404
    body = {"project_id": OURS, "uris": ["no"]}
    assert (await door.ask("/files/resolve_url", body)).status_code == 404
    body = {"project_id": OURS, "uris": ["s3://bucket/key"]}
    assert (await door.ask("/files/resolve_url", body)).status_code == 501


async def test_file_when_another_was_expected_then_conflict_and_nothing_kept(door: Door) -> None:
    answer = await upload(door, b"one", expected_digest=bytes_digest(b"two"))
    assert answer.status_code == 409
    assert (await download(door, bytes_digest(b"one"))).status_code == 404


async def test_file_when_not_ones_own_then_not_there(door: Door) -> None:
    digest = (await upload(door, b"one")).json()["digest"]
    assert (await download(door, digest, user="mel")).status_code == 404
    body = {"project_id": THEIRS, "digest": digest}
    assert (await door.ask("/file/content", body, user="mel")).status_code == 404
    assert (await upload(door, b"one", user="vic")).status_code == 403
    assert (await upload(door, b"one", user="mel")).status_code == 404


async def test_upload_when_it_is_no_form_then_refused(door: Door) -> None:
    headers = {"authorization": f"Bearer {door.keys['ada']}"}
    assert (await door.ask("/file/create", {"project_id": OURS})).status_code == 422
    answer = await door.client.post("/file/create", data={"project_id": OURS}, headers=headers)
    assert answer.status_code == 422
    broken = {**headers, "content-type": "multipart/form-data; boundary=x"}
    answer = await door.client.post("/file/create", content=b"--x\r\nno", headers=broken)
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "invalid_body"
