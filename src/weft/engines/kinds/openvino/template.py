"""A model's chat template: from messages and tools to the prompt.

Owns the sandbox that templates run in: they come with weights from strangers. What a template may call is what
transformers gives it (`apply_chat_template`, transformers 5, utils/chat_template_utils.py): JSON without escapes for
HTML, the date, and a way to refuse. Invariant: a template's mistake is a `TemplateRefused` and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from weft.kit.errors import Json

Turn = Mapping[str, Json]
"""A message, or a tool, as the caller wrote it."""


_MISTAKES = (
    *(TemplateError, TypeError, ValueError, LookupError, AttributeError),
    *(ArithmeticError, RecursionError),
)
"""What a template that is wrong, or wronged, ends with."""


class TemplateRefused(ValueError):
    """The template cannot say this."""


class ChatTemplate:
    """The template of one model."""

    def __init__(self, source: str, *, bos: str, eos: str) -> None:
        """`bos` and `eos` are the texts of those tokens.

        Raises:
            TemplateRefused: it is no template.
        """
        self.source = source
        self._tokens = {"bos_token": bos, "eos_token": eos}
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
        )
        # Jinja says of neither what is in it.
        filters = cast("dict[str, object]", environment.filters)  # pyright: ignore[reportUnknownMemberType]
        known = cast("dict[str, object]", environment.globals)  # pyright: ignore[reportUnknownMemberType]
        filters["tojson"] = _to_json
        known |= {"raise_exception": _refuse, "strftime_now": _now}
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise TemplateRefused(f"the model's chat template is broken: {error}") from error

    def render(
        self, messages: Sequence[Turn], tools: Sequence[Turn], options: Mapping[str, Any]
    ) -> str:
        """The prompt, up to where the answer begins.

        Raises:
            TemplateRefused: the template refuses, or fails.
        """
        try:
            return self._template.render(
                messages=[_plain(message) for message in messages],
                tools=list(tools) or None,
                add_generation_prompt=True,
                **self._tokens,
                **options,
            )
        except _MISTAKES as error:
            raise TemplateRefused(f"the model's chat template refuses this: {error}") from error


def _plain(message: Turn) -> dict[str, Json]:
    """A message as templates expect it: content is a text, and the arguments of calls are what their JSON says."""
    plain = dict(message)
    content = plain.get("content")
    if isinstance(content, list):
        plain["content"] = "".join(_text(part) for part in content)
    elif content is None:
        plain["content"] = ""
    calls = plain.get("tool_calls")
    if isinstance(calls, list):
        plain["tool_calls"] = [_plain_call(call) for call in calls]
    return plain


def _text(part: Json) -> str:
    if isinstance(part, dict) and part.get("type") in {"text", "refusal"}:
        return str(part.get(str(part["type"]), ""))
    raise TemplateRefused("only text can be in a message of this model")


def _plain_call(call: Json) -> Json:
    if not isinstance(call, dict):
        return call
    function = call.get("function")
    told = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(told, str):
        return call
    try:
        arguments: Json = json.loads(told)
    except ValueError:
        return call
    return {**call, "function": {**function, "arguments": arguments}}


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _now(form: str) -> str:
    return datetime.now(UTC).strftime(form)


def _refuse(message: str) -> NoReturn:
    raise TemplateRefused(str(message))
