"""From a playground's request to a request to the door.

Shape: `completions/create` of the Weave trace server's API (client 0.54). What only hosted providers know
(`api_version`, `vertex_credentials`, `extra_headers`) is left out; all else goes to the door, which judges it.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from weft.kit.errors import Unprocessable
from weft.traces.json_text import BadShape

OURS = frozenset(
    {"api_version", "extra_headers", "prompt", "template_vars", "timeout", "vertex_credentials"}
)
SECRET = frozenset({"extra_headers", "vertex_credentials"})
"""What may hold somebody's secrets: neither passed on nor kept."""
_PREFIXES = ("coreweave/", "wandb/")
_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


class CompletionWire(msgspec.Struct):
    """A request for a completion."""

    project_id: str
    inputs: dict[str, Any]
    conversation_id: str | None = None
    parent_id: str | None = None
    source: str | None = None
    trace_id: str | None = None
    track_llm_call: bool | None = True


def payload_of(
    inputs: Mapping[str, Any], messages: list[Any], *, stream: bool, wants_usage: bool = False
) -> bytes:
    """The body that the door is sent.

    Raises:
        BadShape: no model is named.
    """
    body = {name: value for name, value in inputs.items() if value is not None and name not in OURS}
    body["model"] = model_of(inputs)
    body["messages"] = messages
    body.pop("stream", None)
    if stream:
        body["stream"] = True
        if wants_usage:
            options = body.get("stream_options")
            body["stream_options"] = {
                **(options if isinstance(options, dict) else {}),
                "include_usage": True,
            }
    else:
        body.pop("stream_options", None)
    return msgspec.json.encode(body)


def model_of(inputs: Mapping[str, Any]) -> str:
    """The model as the door knows it: the client's name of the hosted inference service before it means here.

    Raises:
        BadShape: none is named.
    """
    model = inputs.get("model")
    if not isinstance(model, str) or not model:
        raise BadShape("inputs.model: a model must be named")
    for prefix in _PREFIXES:
        model = model.removeprefix(prefix)
    return model


def filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """`value` with every `{name}` in its texts replaced; `{{` and `}}` stand for braces.

    Only plain names are replaced, never attributes or items of values, and braces that hold anything else stay.

    Raises:
        Unprocessable: a name has no value.
    """
    if isinstance(value, str):
        return _PLACE.sub(lambda found: _filling(found, variables), value)
    if isinstance(value, list):
        return [filled(part, variables) for part in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {
            key: part if key in {"role", "type"} else filled(part, variables)
            for key, part in value.items()  # pyright: ignore[reportUnknownVariableType]
        }
    return value


def _filling(found: re.Match[str], variables: Mapping[str, Any]) -> str:
    name = found[1]
    if name is None:
        return found[0][0]
    if name not in variables:
        known = ", ".join(sorted(variables)[:20]) or "none"
        raise Unprocessable(
            f"the template names {name}, which has no value; there are: {known}",
            param="template_vars",
            remedy="Send a value for it in template_vars.",
        )
    value = variables[name]
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
