"""Says what is wrong with a body that does not decode, in the words that OpenAI's clients know.

Owns the step from msgspec's complaint (`Expected `float` <= 2.0 - at `$.temperature``) to an `InvalidRequest` with a
dotted `param` (`messages[2].content`), a code, what was expected and what was got. Runs only on the way out with a 400,
so it may decode the body a second time. Texts name the value that was sent only where it is an option, a number or a
constant, never what somebody wrote into a prompt.
"""

import json
import math
import re

import msgspec

from weft.kit.errors import InvalidRequest, Json

_PATH = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_OFFSET = re.compile(r"^JSON is malformed: (.*) \(byte (\d+)\)$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$", re.DOTALL)
_TYPE = re.compile(r"^Expected `([^`]*)`, got `")
_LONGEST = re.compile(r"^Expected `str` of length <= (\d+)")

_SHOWN_CHARS = 40

_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true, false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_NAME = "a name of 1 to 64 letters, digits, underscores and hyphens"
_EXPECTED = {
    "model": "a non-empty string",
    "messages": "an array of messages",
    "messages[].role": "one of system, developer, user, assistant, tool and function",
    "messages[].content": "a string, an array of content parts, or null",
    "messages[].content[].image_url.detail": "one of auto, low, high and original",
    "prompt": "a string, an array of strings, or an array of token ids",
    "prompt[]": "a string, a token id, or an array of token ids",
    "input": "a string, an array of strings, or an array of token ids",
    "input[]": "a string, a token id, or an array of token ids",
    "encoding_format": "one of float and base64",
    "temperature": "a number from 0 to 2",
    "top_p": "a number from 0 to 1",
    "frequency_penalty": "a number from -2 to 2",
    "presence_penalty": "a number from -2 to 2",
    "n": "a positive integer",
    "max_tokens": "a positive integer",
    "max_completion_tokens": "a positive integer",
    "seed": "an integer of at most 64 bits",
    "stop": "a string, an array of strings, or null",
    "logit_bias": "an object of token ids and numbers from -100 to 100",
    "top_logprobs": "an integer from 0 to 20",
    "tools": "an array of tools",
    "tools[].function.name": _NAME,
    "tool_choice": 'one of "none", "auto" and "required", or an object that names a tool',
    "tool_choice.type": "one of function and allowed_tools",
    "tool_choice.allowed_tools.mode": "one of auto and required",
    "functions": "an array of functions",
    "functions[].name": _NAME,
    "function_call": 'one of "none" and "auto", or an object that names a function',
    "response_format.type": "one of text, json_object and json_schema",
    "response_format.json_schema.name": _NAME,
    "reasoning_effort": "one of none, minimal, low, medium, high, xhigh and max",
    "service_tier": "one of auto, default, flex, scale, priority and fast",
    "cache_salt": "a string of 1 to 512 characters",
    "modalities": "an array of text and audio",
    "modalities[]": "one of text and audio",
    "metadata": "an object of strings of at most 512 characters",
}


def invalid(message: str, *, param: str | None, code: str) -> InvalidRequest:
    """A 400 with its code."""
    remedy = f"Correct '{param}' and send it again." if param else "Send one JSON object in UTF-8."
    error = InvalidRequest(message, param=param, remedy=remedy)
    error.code = code
    return error


def explain(body: bytes, error: Exception) -> InvalidRequest:
    """The refusal for `body`, all of which was decoded when `error` came."""
    if isinstance(error, RecursionError):
        return _not_json("objects and arrays are nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return _not_json("it is not UTF-8", at=_place(body, error.start))
    if not isinstance(error, msgspec.ValidationError):
        return _malformed(body, str(error))
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        # Here the standard library's parser: it takes numbers that are out of every range.
        value: Json = json.loads(body, parse_int=_int)
    except (ValueError, RecursionError) as worse:
        return explain(body, worse)
    return _mistyped(value, str(error))


def _int(digits: str) -> int | float:
    """A number that somebody may read."""
    return int(digits) if len(digits) <= _SHOWN_CHARS else math.inf


def describe(value: Json) -> str:
    """What a value is, without saying what is in it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        return "a string" if value else "an empty string"
    if isinstance(value, int | float):
        return str(value) if math.isfinite(value) else "a number that is out of range"
    return "an array" if isinstance(value, list) else "an object"


def _malformed(body: bytes, complaint: str) -> InvalidRequest:
    if not body.strip():
        return _not_json("it is empty")
    found = _OFFSET.match(complaint)
    if found is None:
        return _not_json("it ends in the middle of a value", at=_place(body, len(body)))
    return _not_json(found[1], at=_place(body, int(found[2])))


def _not_json(reason: str, *, at: str = "") -> InvalidRequest:
    return invalid(f"The body is not valid JSON: {reason}{at}.", param=None, code="invalid_json")


def _place(body: bytes, offset: int) -> str:
    """Where a byte is, for people: the line and the column count from 1, in characters."""
    before = body[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
    return f" at byte {offset} (line {line}, column {column})"


def _mistyped(body: Json, complaint: str) -> InvalidRequest:
    path = _PATH.search(complaint)
    text = complaint if path is None else complaint[: path.start()]
    steps = [] if path is None else [m[1] or f"[{m[2]}]" for m in _STEP.finditer(path[1])]
    missing = _MISSING.match(text)
    if missing is not None:
        param = _dotted([*steps, missing[1]])
        return invalid(f"'{param}' is required.", param=param, code="missing_required_parameter")
    param = _dotted(steps)
    wrong_type = _TYPE.match(text)
    code = "invalid_type" if wrong_type is not None else "invalid_value"
    if not param:
        return invalid(
            f"The body must be a JSON object, but is {describe(body)}.", param=None, code=code
        )
    expected = _expected(steps, text)
    if steps[-1] == "[...]":
        return invalid(f"'{param}' must be {expected}.", param=param, code=code)
    value = _at(body, steps)
    got = describe(value) if wrong_type is not None else _shown(value)
    return invalid(f"'{param}' must be {expected}, but is {got}.", param=param, code=code)


def _dotted(steps: list[str]) -> str:
    """OpenAI's way to name a place. The key in a mapping of a client's own is left out."""
    return "".join(
        step if step.startswith("[") else f".{step}" for step in steps if step != "[...]"
    ).lstrip(".")


def _at(value: Json, steps: list[str]) -> Json:
    for step in steps:
        if isinstance(value, dict) and not step.startswith("["):
            value = value.get(step)
        elif isinstance(value, list) and step[1:-1].isdigit():
            value = value[int(step[1:-1])]
        else:
            break  # the name occurs twice, and the last one is not the one complained of
    return value


def _shown(value: Json) -> str:
    """An option or a number as it was sent; a long string only by its length."""
    if not isinstance(value, str) or not value:
        return describe(value)
    if len(value) > _SHOWN_CHARS:
        return f"a string of {len(value)} characters"
    return msgspec.json.encode(value).decode()


def _expected(steps: list[str], complaint: str) -> str:
    known = _EXPECTED.get(re.sub(r"\[\d+\]", "[]", _dotted(steps)))
    if known is not None:
        return known
    wrong_type = _TYPE.match(complaint)
    if wrong_type is not None:
        words = ", ".join(_WORDS.get(name, name) for name in wrong_type[1].split(" | "))
        return " or ".join(words.rsplit(", ", 1))
    length = _LONGEST.match(complaint)
    return "another value" if length is None else f"a string of at most {length[1]} characters"
