"""The parts of the fake engine's answers, in OpenAI's words."""

from weft.engines.kinds.fake.answers import Answer
from weft.kit.errors import Json


def choice_of(
    index: int, delta: dict[str, Json], finish_reason: str | None = None
) -> dict[str, Json]:
    """One choice of a chunk."""
    return {"index": index, "delta": delta, "finish_reason": finish_reason}


def call_start(answer: Answer, name: str) -> dict[str, Json]:
    """The delta that a tool call begins with."""
    function: dict[str, Json] = {"name": answer.tool, "arguments": ""}
    return {"tool_calls": [{"index": 0, "id": name, "type": "function", "function": function}]}


def message_of(answer: Answer, name: str) -> dict[str, Json]:
    """The message of a whole answer."""
    text = "".join(answer.pieces)
    message: dict[str, Json] = {"role": "assistant", "content": None if answer.tool else text}
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    if answer.tool:
        function: dict[str, Json] = {"name": answer.tool, "arguments": text}
        message["tool_calls"] = [{"id": name, "type": "function", "function": function}]
    return message


def error_of(status: int, text: str) -> dict[str, Json]:
    """The body of a refusal."""
    return {"error": {"code": status, "message": text, "type": "fake_error", "param": None}}


def metrics_of(running: int, tokens: int) -> str:
    """What there is to do and what was done, in Prometheus' text format."""
    return f"fake:requests_running {running}\nfake:tokens_total {tokens}\n"
