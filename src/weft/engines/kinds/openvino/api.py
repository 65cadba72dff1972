"""The child's routes: what is asked, who may ask, and what comes of it.

Owns the way from a request to a ticket. Knows the shapes of requests; `answer.py` knows those of answers. Invariant: a
client that hangs up stops the work for it.
"""

import dataclasses
import secrets
import traceback
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from weft.engines.formats.families.think import opens_thought
from weft.engines.formats.registry import make_parser
from weft.engines.formats.types import Format
from weft.engines.kinds.openvino.answer import Answer, Style, error_of
from weft.engines.kinds.openvino.grammar import (
    CannotHold,
    any_object_grammar,
    hermes_grammar,
    json_grammar,
)
from weft.engines.kinds.openvino.http import Exchange
from weft.engines.kinds.openvino.library import Tensor, make_tensor
from weft.engines.kinds.openvino.model import Model
from weft.engines.kinds.openvino.request import (
    ChatQuestion,
    Sampling,
    TextQuestion,
    Tokenize,
    fill,
)
from weft.engines.kinds.openvino.stepper import Stepper, Ticket
from weft.engines.kinds.openvino.template import TemplateRefused
from weft.engines.kinds.openvino.text import Speller
from weft.kit.errors import Json

T = TypeVar("T")
RUNNING, PRODUCED = "openvino:requests_running", "openvino:tokens_total"
"""What `GET /metrics` tells."""


class _Refused(Exception):
    """The request cannot be answered."""

    def __init__(self, status: int, text: str, **more: Json) -> None:
        super().__init__(text)
        self.status = status
        self.body = error_of(status, text, **more)


class Api:
    """Answers requests."""

    def __init__(self, model: Model, stepper: Stepper, *, name: str, secret: str) -> None:
        self._model = model
        self._stepper = stepper
        self._name = name
        self._secret = secret

    def answer(self, exchange: Exchange) -> None:
        """Answer, now or bit by bit."""
        if exchange.path == "/health":
            exchange.reply(200, {"status": "ok"})
            return
        if self._secret and not self._may(exchange):
            exchange.reply(401, error_of(401, "the secret is missing or wrong"))
            return
        try:
            match exchange.method, exchange.path:
                case "POST", "/v1/chat/completions":
                    self._chat(exchange, _decoded(exchange.body, ChatQuestion))
                case "POST", "/v1/completions":
                    self._complete(exchange, _decoded(exchange.body, TextQuestion))
                case "POST", "/tokenize":
                    self._tokenize(exchange, _decoded(exchange.body, Tokenize))
                case "GET", "/v1/models":
                    listed: Json = {"id": self._name, "object": "model", "owned_by": "weft"}
                    exchange.reply(200, {"object": "list", "data": [listed]})
                case "GET", "/metrics":
                    told = f"{RUNNING} {self._stepper.at_work}\n{PRODUCED} {self._stepper.tokens}\n"
                    exchange.reply_as(200, "text/plain; version=0.0.4", told.encode())
                case _:
                    raise _Refused(404, "there is nothing here")
        except _Refused as refused:
            exchange.reply(refused.status, refused.body)
        except CannotHold as error:
            text = f"this engine cannot hold an answer to {error}"
            exchange.reply(400, error_of(400, text, param="response_format"))
        except TemplateRefused as error:
            exchange.reply(400, error_of(400, str(error), param="messages"))
        except Exception:  # noqa: BLE001 - the edge of a request
            traceback.print_exc()
            exchange.reply(500, error_of(500, "this engine failed"))

    def _may(self, exchange: Exchange) -> bool:
        wanted = f"Bearer {self._secret}".encode()
        return secrets.compare_digest(exchange.authorization.encode(), wanted)

    def _chat(self, exchange: Exchange, question: ChatQuestion) -> None:
        offered = _offered(question)
        prompt = self._render(question, question.messages)
        style = self._style(question, logprobs=bool(question.logprobs), is_chat=True)
        style = dataclasses.replace(style, one_call=question.parallel_tool_calls is False)
        self._begin(
            exchange,
            question,
            style,
            tokens=self._model.encode(prompt, special=False),
            grammar=self._grammar(question, offered, prompt),
            tools=offered,
            prompt=prompt,
        )

    def _complete(self, exchange: Exchange, question: TextQuestion) -> None:
        if question.echo:
            raise _Refused(400, "`echo` is not supported by this engine", param="echo")
        style = self._style(question, logprobs=question.logprobs is not None, is_chat=False)
        tokens = self._prompt(question.prompt)
        self._begin(exchange, question, style, tokens=tokens)

    def _prompt(self, prompt: str | list[str | int]) -> Tensor:
        """The tokens of a text, or those that were sent."""
        if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
            prompt = prompt[0]
        if isinstance(prompt, str):
            return self._model.encode(prompt, special=True)
        tokens = [token for token in prompt if isinstance(token, int)]
        if len(tokens) < len(prompt):
            raise _Refused(400, "`prompt` is one text here, or its tokens", param="prompt")
        if not tokens or not all(self._model.vocabulary.holds(token) for token in tokens):
            raise _Refused(400, "`prompt` holds what is no token", param="prompt")
        return make_tensor(tokens)

    def _tokenize(self, exchange: Exchange, question: Tokenize) -> None:
        """How long a prompt is; the tokens too."""
        if question.messages is not None:
            text = self._render(question, question.messages)
            tokens = self._model.encode(text, special=False)
        else:
            tokens = self._model.encode(question.prompt or "", special=question.add_special_tokens)
        numbers: list[Json] = [int(token) for token in tokens.data[0]]
        limit = self._model.context_tokens
        exchange.reply(200, {"count": len(numbers), "max_model_len": limit, "tokens": numbers})

    def _render(self, question: ChatQuestion | Tokenize, messages: list[dict[str, Any]]) -> str:
        template = self._model.template
        if template is None:
            raise _Refused(400, "this model has no chat template")
        tools = [] if question.tool_choice == "none" else question.tools or []
        return template.render(messages, tools, question.chat_template_kwargs or {})

    def _grammar(self, question: ChatQuestion, offered: Mapping[str, Any], prompt: str) -> str:
        """What the answer is held to; empty: to nothing."""
        thinks = opens_thought(prompt)
        must_call = offered and question.tool_choice not in (None, "auto")
        wanted = question.response_format
        if must_call:
            if self._model.format is not Format.HERMES:
                text = "this engine cannot make this model call a tool"
                raise _Refused(400, text, param="tool_choice")
            parallel = question.parallel_tool_calls is not False
            return hermes_grammar(offered, parallel=parallel, after_thought=thinks)
        if wanted is None or wanted.type == "text":
            return ""
        if wanted.type == "json_schema" and wanted.json_schema is not None:
            return json_grammar(wanted.json_schema.schema, after_thought=thinks)
        if wanted.type == "json_object":
            return any_object_grammar(after_thought=thinks)
        raise _Refused(400, "`response_format` is none of this engine's", param="response_format")

    def _style(self, question: Sampling, *, logprobs: bool, is_chat: bool) -> Style:
        return Style(
            model=self._name,
            streams=bool(question.stream),
            wants_usage=question.wants_usage,
            wants_logprobs=logprobs,
            tells_timings=question.timings_per_token,
            is_chat=is_chat,
        )

    def _begin(
        self,
        exchange: Exchange,
        question: Sampling,
        style: Style,
        *,
        tokens: Tensor,
        grammar: str = "",
        tools: Mapping[str, Any] | None = None,
        prompt: str = "",
    ) -> None:
        model = self._model
        length, limit = tokens.shape[1], model.context_tokens
        if length == 0:
            raise _Refused(400, "the prompt is empty", param="prompt")
        if length >= limit:
            raise _Refused(
                400,
                f"the prompt has {length} tokens, and this engine takes {limit}",
                n_prompt_tokens=length,
                n_ctx=limit,
            )
        config = fill(
            question,
            library=model.library,
            ends=model.ends,
            room=limit - length,
            logprobs=style.wants_logprobs,
            grammar=grammar,
        )
        speller = Speller(
            model.vocabulary,
            keeps_markers=style.is_chat and model.format is not Format.TEXT,
            stops=question.stops,
        )
        parser = (
            make_parser(model.format, tools=tools or {}, prompt=prompt) if style.is_chat else None
        )
        answer = Answer(
            exchange,
            style,
            prompt_tokens=length,
            ends=model.ends if not question.ignore_eos else frozenset(),
            vocabulary=model.vocabulary,
            speller=speller,
            parser=parser,
        )
        ticket = Ticket(tokens, config, answer.take, answer.end)

        def stop() -> None:
            self._stepper.cancel(ticket)

        exchange.on_gone = answer.on_enough = stop
        self._stepper.begin(ticket)


def _offered(question: ChatQuestion) -> dict[str, Any]:
    try:
        return question.offered
    except msgspec.ValidationError as error:
        raise _Refused(400, f"`tools`: {error}", param="tools") from error


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Refused(400, f"the request cannot be read: {error}") from error
