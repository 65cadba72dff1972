"""A trace as an agent leaves it: chats, a tool that failed, an image, a sound, a table, a diff, code, feedback."""

import base64
import io
import json
import struct
import wave
import zlib
from dataclasses import dataclass, field
from typing import Any

import httpx

from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft

PLACE = f"{TEAM}/{PROJECT}"
MODEL = "gpt-4o-mini"
CODE = "@weave.op\ndef agent(question: str) -> str:\n    return chat(question)\n"
ANSWER = "The **warp** runs along, the weft across."
DIFF = "--- a/loom.py\n+++ b/loom.py\n@@ -1,2 +1,2 @@\n-threads = 4\n+threads = 8\n"
LONG = "A thread is spun, and then another one. " * 500
HOSTILE = "<img src=x onerror=window.hit=1>"


def png() -> bytes:
    """A red picture of 8 by 8."""
    rows = b"".join(b"\0" + b"\xc0\x30\x30" * 8 for _ in range(8))

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def sound() -> bytes:
    """A tenth of a second of silence."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 800)
    return kept.getvalue()


PICTURE = "data:image/png;base64," + base64.b64encode(png()).decode()


@dataclass
class Traced:
    """The server, and what was written to it."""

    weft: Weft
    digests: dict[str, str] = field(default_factory=dict[str, str])

    def post(self, path: str, body: object) -> Any:
        """Ask the trace API as the administrator."""
        url = f"{self.weft.console_url}traces{path}"
        answer = httpx.post(url, json=body, headers=self.weft.headers, timeout=PATIENCE_S)
        assert answer.is_success, answer.text
        return answer.json()

    def file(self, name: str, content: bytes) -> str:
        """Keep a file; its digest."""
        url = f"{self.weft.console_url}traces/file/create"
        form = {"project_id": PLACE}
        files = {"file": (name, content)}
        answer = httpx.post(
            url, data=form, files=files, headers=self.weft.headers, timeout=PATIENCE_S
        )
        assert answer.is_success, answer.text
        return answer.json()["digest"]

    def publish(self, name: str, val: object) -> str:
        """Keep an object; its digest."""
        obj = {"project_id": PLACE, "object_id": name, "val": val}
        return self.post("/obj/create", {"obj": obj})["digest"]

    def call(self, id_: str, op: str, second: float, took_s: float, **more: Any) -> None:
        """One call that has ended."""
        start: dict[str, Any] = {
            "project_id": PLACE,
            "id": id_,
            "op_name": op,
            "started_at": f"2026-11-20T10:00:{second:09.6f}Z",
            "attributes": {},
            "inputs": {},
            **{
                key: value
                for key, value in more.items()
                if key not in {"output", "summary", "exception"}
            },
        }
        ended = {
            "project_id": PLACE,
            "id": id_,
            "ended_at": f"2026-11-20T10:00:{second + took_s:09.6f}Z",
            "output": more.get("output"),
            "summary": more.get("summary", {}),
            "exception": more.get("exception"),
        }
        self.post("/call/start", {"start": start})
        self.post("/call/end", {"end": ended})


def used(input_tokens: int, output_tokens: int) -> dict[str, Any]:
    """A summary that tells of tokens."""
    counts = {"prompt_tokens": input_tokens, "completion_tokens": output_tokens, "requests": 1}
    return {"usage": {MODEL: {**counts, "total_tokens": input_tokens + output_tokens}}}


def write_trace(traced: Traced, prefix: str = "") -> None:
    """A trace: an agent, a chat, a tool that failed, what was drawn; ids begin with `prefix`, if there is one."""
    at, end = (f"{prefix}-", "") if prefix else ("", "-call")
    trace_id = f"{at}trace"
    code = traced.file("obj.py", CODE.encode())
    op = {"_type": "CustomWeaveType", "weave_type": {"type": "Op"}, "files": {"obj.py": code}}
    digest = traced.publish("agent", op)
    price = {"prompt_token_cost": 1e-6, "completion_token_cost": 2e-6}
    traced.post("/cost/create", {"project_id": PLACE, "costs": {MODEL: price}})
    agent = f"weave:///{PLACE}/op/agent:{digest}"
    traced.call(
        f"{at}agent{end}",
        agent,
        0,
        3.0,
        trace_id=trace_id,
        inputs={"question": "What is a weft?", "notes": LONG, "hostile": HOSTILE},
        output=ANSWER,
        summary=used(2500, 120),
    )
    asked = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": PICTURE}},
    ]
    messages = [
        {"role": "system", "content": "You know looms."},
        {"role": "user", "content": asked},
    ]
    message = {"role": "assistant", "content": ANSWER, "reasoning_content": "Think of cloth."}
    traced.call(
        f"{at}chat{end}",
        "openai.chat.completions.create",
        0.2,
        1.5,
        parent_id=f"{at}agent{end}",
        trace_id=trace_id,
        inputs={"model": MODEL, "messages": messages},
        output={"model": MODEL, "choices": [{"index": 0, "message": message}]},
        summary=used(2500, 120),
    )
    frame = {
        "filename": "loom.py",
        "line_number": 3,
        "function_name": "pull",
        "text": "raise ValueError",
    }
    exception = {"type": "ValueError", "message": "the thread broke", "traceback": [frame]}
    traced.call(
        f"{at}tool{end}",
        "pull",
        1.8,
        0.3,
        parent_id=f"{at}agent{end}",
        trace_id=trace_id,
        exception=json.dumps(exception),
    )
    _draw(traced, at, end, agent)


def _draw(traced: Traced, at: str, end: str, agent: str) -> None:
    """The call whose output is an image, a sound, a table and a diff."""
    picture = traced.file("image.png", png())
    audio = traced.file("audio.wav", sound())
    traced.call(
        f"{at}draw{end}",
        "draw",
        2.2,
        0.5,
        parent_id=f"{at}agent{end}",
        trace_id=f"{at}trace",
        display_name="draw the loom",
        inputs={"agent": agent},
        output={
            "picture": _weave("PIL.Image.Image", "image.png", picture),
            "sound": _weave("wave.Wave_read", "audio.wav", audio),
            "rows": [{"thread": n, "colour": "red"} for n in range(30)],
            "patch": DIFF,
            "page": "https://example.com/loom",
        },
    )


def _weave(kind: str, name: str, digest: str) -> dict[str, Any]:
    return {"_type": "CustomWeaveType", "weave_type": {"type": kind}, "files": {name: digest}}


def write_feedback(traced: Traced) -> None:
    """A score, a guardrail's verdict, and a question that people answer."""
    scorer = traced.publish("Toxicity", {"_type": "Toxicity", "_class_name": "Toxicity"})
    score = {
        "project_id": PLACE,
        "weave_ref": f"weave:///{PLACE}/call/agent-call",
        "feedback_type": "wandb.runnable.Toxicity",
        "runnable_ref": f"weave:///{PLACE}/object/Toxicity:{scorer}",
        "call_ref": f"weave:///{PLACE}/call/tool-call",
        "payload": {"output": {"passed": False, "reason": "rude"}},
    }
    traced.post("/feedback/create", score)
    schema = {"type": "integer", "minimum": 1, "maximum": 5}
    spec = {"_type": "AnnotationSpec", "name": "Quality", "description": "How good is it?"}
    known = {
        "_class_name": "AnnotationSpec",
        "_bases": ["BaseObject", "BaseModel"],
        "field_schema": schema,
    }
    traced.publish("quality", {**spec, **known})


def write_thread(traced: Traced) -> None:
    """Two turns of one conversation."""
    for number, (asked, told) in enumerate(
        (("Hello", "Hello to you"), ("And now?", "Now we weave"))
    ):
        id_ = f"turn-{number}"
        traced.call(
            id_,
            "converse",
            10.0 + number,
            0.5,
            trace_id=f"trace-turn-{number}",
            thread_id="thread-one",
            turn_id=id_,
            inputs={"model": MODEL, "messages": [{"role": "user", "content": asked}]},
            output={"choices": [{"message": {"role": "assistant", "content": told}}]},
        )
