"""Probes of answers that must have a form: tools, json_object, json_schema.

The model is held to the form (`tool_choice: required`, a schema whose values are given), so that a weak or random one
shows as well as a good one what its engine does. An answer that was cut off by its length while it still kept to the
form says nothing against the engine. Sources: OpenAI's API reference, create chat completion, `tools`, `tool_choice`
and `response_format` (read 2026-11).
"""

import msgspec

from weft.engines.probes.answers import Call, Choice
from weft.engines.probes.features.fits import misfit
from weft.engines.probes.features.speaking import PASSED, failed, unsure
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import Finding
from weft.kit.errors import Json

FORM_TOKENS = 256

_WEATHER: dict[str, Json] = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Paris"]}},
    "required": ["city"],
    "additionalProperties": False,
}
_TIME: dict[str, Json] = {
    "type": "object",
    "properties": {"zone": {"type": "string", "enum": ["UTC"]}},
    "required": ["zone"],
    "additionalProperties": False,
}
_SCHEMAS = {"get_weather": _WEATHER, "get_time": _TIME}
_SAYS = {"get_weather": "The weather of a city.", "get_time": "The time in a zone."}
_FRUIT: dict[str, Json] = {
    "type": "object",
    "properties": {
        "fruit": {"type": "string", "enum": ["apple", "plum"]},
        "count": {"type": "integer", "enum": [1, 2, 3]},
        "ripe": {"type": "boolean"},
    },
    "required": ["fruit", "count", "ripe"],
    "additionalProperties": False,
}


def _tools() -> Json:
    return [
        {
            "type": "function",
            "function": {"name": name, "description": _SAYS[name], "parameters": schema},
        }
        for name, schema in _SCHEMAS.items()
    ]


async def probe_tools(talk: Talk) -> Finding:
    """A tool that must be called is called, with arguments that fit; so is the one that is named; a result is read."""
    weather, time = "What is the weather in Paris?", "What time is it in UTC?"
    tokens = FORM_TOKENS + talk.thinking_tokens
    named: Json = {"type": "function", "function": {"name": "get_time"}}
    required = await talk.whole(weather, tools=_tools(), tool_choice="required", max_tokens=tokens)
    one = await talk.whole(time, tools=_tools(), tool_choice=named, max_tokens=tokens)
    streamed = await talk.streamed(time, tools=_tools(), tool_choice=named, max_tokens=tokens)
    found = (
        _called(required.first, ""),
        _called(one.first, "get_time"),
        _called(streamed.whole.first, "get_time", " in a stream"),
    )
    for finding in found:
        if finding is not None:
            return finding
    await talk.whole(
        weather, messages=_with_result(weather), tools=_tools(), max_tokens=FORM_TOKENS // 8
    )
    return PASSED


def _called(choice: Choice, name: str, where: str = "") -> Finding | None:
    """What is wrong with the calls of an answer; None where nothing is. `name`: the tool that had to be called."""
    calls, cut = choice.message.tool_calls or [], choice.finish_reason == "length"
    if not calls:
        if cut:
            return unsure(f"the model came to no call within its tokens{where}")
        return failed(f"a tool that must be called is not called{where}")
    for at, call in enumerate(calls):
        trouble = _odd_call(call, name)
        if trouble and cut and at == len(calls) - 1:
            break  # the length cut it off
        if trouble:
            return failed(trouble + where)
    else:
        if choice.finish_reason not in {"tool_calls", "stop", "length"}:
            return failed(f"a call ends with finish_reason {choice.finish_reason!r}{where}")
        return None
    return None if len(calls) > 1 else unsure(f"the call was cut off by its length{where}")


def _odd_call(call: Call, name: str) -> str:
    if not call.id or call.type != "function":
        return "a call has no id or is no function"
    told = call.function.name
    if told not in _SCHEMAS or (name and told != name):
        return f"the tool '{told[:40]}' is called, which is not the one that was to be"
    try:
        arguments: Json = msgspec.json.decode(call.function.arguments)
    except msgspec.DecodeError:
        return "the arguments of a call are no JSON"
    return misfit(arguments, _SCHEMAS[told], "the arguments of a call")


def _with_result(text: str) -> Json:
    """A conversation in which the tool was called and has answered."""
    function: Json = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    call: Json = {"id": "call_1", "type": "function", "function": function}
    return [
        {"role": "user", "content": text},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]


async def probe_json_object(talk: Talk) -> Finding:
    """The answer is an object in JSON."""
    told = await talk.whole(
        "Name a fruit. Answer with a small JSON object.",
        response_format={"type": "json_object"},
        max_tokens=FORM_TOKENS + talk.thinking_tokens,
    )
    return _formed(told.first, {"type": "object"}) or PASSED


async def probe_json_schema(talk: Talk) -> Finding:
    """The answer fits the schema, in one piece and as a stream."""
    named: Json = {"name": "fruit", "strict": True, "schema": _FRUIT}
    text = "Name a fruit, how many there are, and whether they are ripe. Answer in JSON."
    wishes: dict[str, Json] = {
        "response_format": {"type": "json_schema", "json_schema": named},
        "max_tokens": FORM_TOKENS + talk.thinking_tokens,
    }
    whole = await talk.whole(text, **wishes)
    streamed = await talk.streamed(text, **wishes)
    return (
        _formed(whole.first, _FRUIT)
        or _formed(streamed.whole.first, _FRUIT, " in a stream")
        or PASSED
    )


def _formed(choice: Choice, schema: dict[str, Json], where: str = "") -> Finding | None:
    text = choice.message.text
    try:
        value: Json = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if choice.finish_reason == "length" and (not text.strip() or text.lstrip()[0] == "{"):
            return unsure(f"the answer was cut off by its length{where}")
        return failed(f"the answer is no JSON{where}")
    trouble = misfit(value, schema, "the answer")
    return failed(trouble + where) if trouble else None
