"""Turns conversations into text pieces, exactly as `chat_template.jinja` does, with loss marks.

The template is what ships; this file repeats it in Python so that training knows which pieces
the assistant wrote. `check` proves that the two agree and is run before every training.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .data.mix import conversations
from .data.types import Call, Conversation, Message

TEMPLATE_PATH = Path(__file__).parent / "chat_template.jinja"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is tokenized on its own.

    `taught` if the assistant wrote it, `read` if it is what somebody else said.
    """

    text: str
    taught: bool = False
    read: bool = False
    skip_first: bool = False


def pieces(conversation: Conversation) -> list[Piece]:
    """The conversation in the order of the template."""
    messages = list(conversation.messages)
    result: list[Piece] = []
    if conversation.tools:
        system = messages.pop(0).content + "\n" if messages[0].role == "system" else ""
        shown = "".join(f"{t.name}({', '.join(t.parameters)})\n" for t in conversation.tools)
        result.append(Piece(f"<|im_start|>system\n{system}<tools>\n{shown}</tools><|im_end|>\n"))
    for message in messages:
        result += _message_pieces(message)
    return result


def _message_pieces(message: Message) -> list[Piece]:
    if message.role == "assistant":
        body = message.content + "\n".join(_call_text(call) for call in message.calls)
        return [
            Piece("<|im_start|>assistant\n"),
            Piece(body + "<|im_end|>", taught=True, skip_first=message.skip_first),
            Piece("\n"),
        ]
    content = message.content.strip()
    if message.role == "tool":
        content = f"<tool_response>\n{content}\n</tool_response>"
    role = "user" if message.role == "tool" else message.role
    return [Piece(f"<|im_start|>{role}\n"), Piece(content, read=True), Piece("<|im_end|>\n")]


def _call_text(call: Call) -> str:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{call.name}", "arguments": {arguments}}}\n</tool_call>'


def as_request(conversation: Conversation) -> dict[str, object]:
    """The conversation as the variables of a chat template."""
    messages: list[dict[str, object]] = []
    for message in conversation.messages:
        row: dict[str, object] = {"role": message.role, "content": message.content}
        if message.calls:
            row["tool_calls"] = [
                {"type": "function", "function": {"name": c.name, "arguments": c.arguments}}
                for c in message.calls
            ]
        messages.append(row)
    tools: list[dict[str, object]] = []
    for tool in conversation.tools:
        pairs = [name.partition(": ") for name in tool.parameters]
        schema = {
            "type": "object",
            "properties": {name: {"type": kind or "string"} for name, _, kind in pairs},
            "required": [name for name, _, _ in pairs],
        }
        function = {"name": tool.name, "description": "", "parameters": schema}
        tools.append({"type": "function", "function": function})
    return {"messages": messages, "tools": tools, "add_generation_prompt": False}


def check(samples: int = 500) -> None:
    """Fail unless the template and `pieces` write the same text."""
    from jinja2 import Environment  # noqa: PLC0415  (only this check needs jinja2)

    environment = Environment(autoescape=False)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    template = environment.from_string(TEMPLATE_PATH.read_text(encoding="utf-8"))
    for conversation in islice(conversations(seed=-1), samples):
        ours = "".join(piece.text for piece in pieces(conversation))
        theirs = template.render(**as_request(conversation))
        if ours != theirs:
            raise AssertionError(f"template differs:\n{ours!r}\n{theirs!r}")
