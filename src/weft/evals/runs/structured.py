"""`LLMStructuredCompletionModel`: a model that is nothing but settings, so that the server may run it.

Shapes and meaning: the class of that name in the Weave client 0.54.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.evals.completions.payload import filled
from weft.evals.values import list_in, object_in, text_in
from weft.kit.errors import EngineFailed, Unprocessable
from weft.traces.errors import NotSupported
from weft.traces.refs import PREFIX

CLASS = "LLMStructuredCompletionModel"
_PASSED_ON = (
    "temperature",
    "top_p",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "stop",
    "functions",
)
_FORMATS = frozenset({"text", "json_object", "json_schema"})


class HasCode(NotSupported):
    """A model or scorer that somebody wrote: this server runs settings, never stored code."""

    code = "has_code"
    remedy = "run it where its code is, with the client's own Evaluation.evaluate"

    def __init__(self, kind: str) -> None:
        super().__init__(f"Running {kind[:100]}, which has code,")


class BadAnswer(EngineFailed):
    """The model answered, and not in the form that was asked for."""

    code = "bad_answer"


@dataclass(frozen=True, slots=True)
class StructuredModel:
    """One such model."""

    ref: str
    """Its reference; empty where it stands inside a scorer."""
    name: str
    model: str
    template: list[Any]
    prompt: str | None
    """The reference of a saved prompt, which goes before the template."""
    params: dict[str, Any]
    response_format: str
    json_schema: dict[str, Any] | None = None
    """OpenAI's `response_format.json_schema`. The client does not read it: it asks for a JSON object."""

    def inputs(self) -> dict[str, Any]:
        """What a completion's `inputs` say besides its messages."""
        inputs: dict[str, Any] = {"model": self.model, **self.params}
        if self.json_schema is not None:
            told = {"type": "json_schema", "json_schema": self.json_schema}
            inputs["response_format"] = told
        elif self.response_format != "text":
            inputs["response_format"] = {"type": self.response_format}
        return inputs

    def output(self, response: Mapping[str, Any]) -> Any:
        """What a completion comes to: its text, or the object that it writes.

        Raises:
            BadAnswer: it holds no text, or no JSON where JSON was asked for.
        """
        choices = list_in(response.get("choices"))
        message = object_in(object_in(choices[0]).get("message")) if choices else {}
        content = text_in(message.get("content"))
        if content is None:
            raise BadAnswer("the model answered without a text")
        if self.response_format == "text":
            return content
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadAnswer(f"the model's answer is not JSON: {content[:200]!r}") from error


def read_model(value: Any, ref: str = "") -> StructuredModel:
    """The model that an object describes.

    Raises:
        NotSupported: it is of another class, or of another provider.
        Unprocessable: its settings make no sense.
    """
    fields = object_in(value)
    if fields.get("_class_name") != CLASS:
        kind = text_in(fields.get("_class_name")) or "an op"
        raise HasCode(kind)
    model = text_in(fields.get("llm_model_id"))
    if not model:
        raise Unprocessable(f"{CLASS} names no model", param="llm_model_id")
    if model.startswith(PREFIX):
        raise NotSupported("A custom provider of models")
    params = object_in(fields.get("default_params"))
    told = params.get("response_format") or "text"
    format_ = told if isinstance(told, str) else object_in(told).get("type")
    if format_ not in _FORMATS:
        raise Unprocessable(
            f"{CLASS} knows the formats text, json_object and json_schema, not {str(format_)[:40]}",
            param="response_format",
        )
    schema = object_in(params.get("response_format_schema")) or None
    if format_ == "json_schema" and schema is None:
        raise Unprocessable(
            f"{CLASS} has no schema for its format json_schema", param="response_format_schema"
        )
    kept = {name: params[name] for name in _PASSED_ON if params.get(name) not in (None, [])}
    if params.get("n_times"):
        kept["n"] = params["n_times"]
    return StructuredModel(
        ref=ref,
        name=text_in(fields.get("name")) or CLASS,
        model=model,
        template=[_message(one) for one in list_in(params.get("messages_template"))],
        prompt=text_in(params.get("prompt")),
        params=kept,
        response_format=format_,
        json_schema=None if format_ == "text" else schema,
    )


def messages_for(
    template: list[Any], user_input: Any, variables: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """A template's messages, filled if there is anything to fill in, and then what the user says.

    Raises:
        Unprocessable: the template names something that has no value, or the user's part is no message.
    """
    messages = [_message(filled(one, variables) if variables else one) for one in template]
    if isinstance(user_input, str | dict):
        messages.append(_message(user_input))
    else:
        messages.extend(_message(one) for one in list_in(user_input))
    return messages


def _message(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"role": "user", "content": value}
    fields = object_in(value)
    kept = {
        name: fields[name]
        for name in ("role", "content", "name", "function_call", "tool_call_id")
        if fields.get(name) is not None
    }
    if "role" not in kept:
        raise Unprocessable("a message has a role and a content", param="messages_template")
    return kept
