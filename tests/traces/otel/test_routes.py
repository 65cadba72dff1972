import base64
import gzip
import json
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from sqlalchemy import select

from traces.doors import OURS, THEIRS, Door
from traces.otel import examples as ex
from traces.otel.sent import request, requests, span
from weft.traces.otel.receive import UNPACKED_LIMIT_BYTES
from weft.traces.schema import CALL, PAYLOAD, PROJECT

PATH = "/otel/v1/traces"
PROTOBUF = {"content-type": "application/x-protobuf"}
NAMED = {"project_id": OURS}


async def send(
    door: Door,
    told: ExportTraceServiceRequest,
    *,
    path: str = PATH,
    user: str = "ada",
    **headers: str,
) -> httpx.Response:
    """Send it as a protobuf exporter does, with the key as Bearer."""
    sent = {**PROTOBUF, "authorization": f"Bearer {door.keys[user]}", **headers}
    return await door.client.post(path, content=told.SerializeToString(), headers=sent)


def stored(door: Door, project: str = OURS) -> list[Any]:
    wanted = (
        select(CALL, PAYLOAD)
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .join(PROJECT, PROJECT.c.key == CALL.c.project)
        .where(PROJECT.c.project_id == door.projects[project])
        .order_by(CALL.c.id)
    )
    with door.traces.store.database.read() as connection:
        return list(connection.execute(wanted))


def answer(response: httpx.Response) -> ExportTraceServiceResponse:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-protobuf"
    return ExportTraceServiceResponse.FromString(response.content)


def ids(rows: list[Any]) -> list[str]:
    return [row.id for row in rows]


@pytest.mark.parametrize(
    "path",
    [PATH, "/traces" + PATH, "/agents" + PATH, "/traces/agents" + PATH],
)
async def test_spans_when_sent_then_are_calls_of_the_project(door: Door, path: str) -> None:
    told = request(span(1, {}), span(2, ex.GENAI, parent=1))
    response = await send(door, told, path=path, **NAMED)
    assert not answer(response).HasField("partial_success")
    root, child = stored(door)
    assert (root.id, child.id, child.parent_id) == ("00" * 7 + "01", "00" * 7 + "02", root.id)
    assert root.trace_id == child.trace_id == "00" * 15 + "01"
    assert (child.op_name, child.model, child.input_tokens) == ("span 2", "gpt-4o-2024-08-06", 12)
    assert child.wb_user_id == door.users["ada"]
    assert child.thread_id == "conv_7"
    assert child.ended_at_us - child.started_at_us == 5000


async def test_spans_when_sent_again_then_are_the_same_calls(door: Door) -> None:
    told = request(span(1, {}), span(2, ex.GENAI, parent=1))
    for _ in range(2):
        await send(door, told, **NAMED)
    assert len(stored(door)) == 2


async def test_spans_when_packed_then_are_unpacked(door: Door) -> None:
    body = gzip.compress(request(span(1, {})).SerializeToString())
    headers = {**PROTOBUF, "content-encoding": "gzip", "project_id": OURS}
    key = {"authorization": f"Bearer {door.keys['ada']}"}
    response = await door.client.post(PATH, content=body, headers={**headers, **key})
    answer(response)
    assert len(stored(door)) == 1
    bomb = gzip.compress(bytes(UNPACKED_LIMIT_BYTES + 1))
    response = await door.client.post(PATH, content=bomb, headers={**headers, **key})
    assert response.status_code == 413
    for broken in (body[:-9], b"nonsense"):
        response = await door.client.post(PATH, content=broken, headers={**headers, **key})
        assert response.status_code == 400
    headers["content-encoding"] = "br"
    response = await door.client.post(PATH, content=body, headers={**headers, **key})
    assert response.status_code == 415


async def test_spans_when_sent_as_json_then_ids_are_hex(door: Door) -> None:
    told: dict[str, Any] = {
        "resourceSpans": [
            {
                "resource": {"attributes": []},
                "scopeSpans": [
                    {
                        "scope": {"name": "s"},
                        "of_a_newer_version": 1,
                        "spans": [
                            {
                                "traceId": ex.TRACE.upper(),
                                "spanId": ex.SPAN,
                                "parentSpanId": "",
                                "name": "json",
                                "kind": 3,
                                "startTimeUnixNano": "1764000000000000000",
                                "endTimeUnixNano": 1764000000005000000,
                                "attributes": [
                                    {"key": "gen_ai.request.model", "value": {"stringValue": "m"}},
                                    {"key": "n", "value": {"intValue": "5"}},
                                ],
                                "status": {"code": 2, "message": "bad"},
                            }
                        ],
                    }
                ],
            }
        ]
    }
    response = await door.client.post(
        PATH, json=told, headers={"authorization": f"Bearer {door.keys['ada']}", **NAMED}
    )
    assert (response.status_code, response.json()) == (200, {})
    [row] = stored(door)
    assert (row.id, row.trace_id, row.status) == (ex.SPAN, ex.TRACE, "error")
    assert json.loads(row.attributes)["n"] == 5
    assert json.loads(row.inputs) == {"model": "m"}


@pytest.mark.parametrize("form", ["bearer", "basic", "header", "resource", "resource-path"])
async def test_sender_when_named_in_any_form_then_is_let_in(door: Door, form: str) -> None:
    key = door.keys["ada"]
    basic = "Basic " + base64.b64encode(f"api:{key}".encode()).decode()
    headers, resource = {
        "bearer": ({"authorization": f"Bearer {key}", **NAMED}, None),
        "basic": ({"authorization": basic, **NAMED}, None),
        "header": ({"wandb-api-key": key, **NAMED}, None),
        "resource": ({"wandb-api-key": key}, {"wandb.entity": "loom", "wandb.project": "cloth"}),
        "resource-path": ({"wandb-api-key": key}, {"wandb.project": OURS}),
    }[form]
    body = request(span(1, {}), resource=resource).SerializeToString()
    answer(await door.client.post(PATH, content=body, headers={**PROTOBUF, **headers}))
    assert len(stored(door)) == 1


async def test_sender_when_may_not_write_there_then_is_refused(door: Door) -> None:
    told = request(span(1, {}))
    assert (await send(door, told, user="vic", **NAMED)).status_code == 403
    refused = await send(door, told, project_id=THEIRS)
    assert refused.status_code == 404
    assert b"there is no project" in refused.content
    assert (await send(door, told)).status_code == 400
    nobody = await door.client.post(PATH, content=b"", headers={**PROTOBUF, **NAMED})
    assert nobody.status_code == 401
    assert stored(door) == []
    assert stored(door, THEIRS) == []


async def test_spans_when_some_are_not_welcome_then_the_others_are_taken(door: Door) -> None:
    theirs = {"wandb.entity": "mill", "wandb.project": "cloth"}
    told = requests([({}, [span(1, {}), span(0, {})]), (theirs, [span(2, {})])])
    partial = answer(await send(door, told, **NAMED)).partial_success
    assert partial.rejected_spans == 2
    assert partial.error_message
    assert ids(stored(door)) == ["00" * 7 + "01"]
    assert stored(door, THEIRS) == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-protobuf", b"\xff\xff", 400),
        ("application/json", b"{", 400),
        ("application/json", b"[]", 400),
        (
            "application/json",
            b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": []}]}]}]}',
            400,
        ),
        ("text/plain", b"", 415),
    ],
)
async def test_body_when_it_is_no_otlp_then_is_refused_in_its_own_form(
    door: Door, kind: str, body: bytes, status: int
) -> None:
    headers = {"authorization": f"Bearer {door.keys['ada']}", "content-type": kind, **NAMED}
    response = await door.client.post(PATH, content=body, headers=headers)
    assert response.status_code == status
    if kind == "application/json":
        assert response.json()["message"]
    else:
        assert response.content[0] == 0x12  # google.rpc.Status, field 2
