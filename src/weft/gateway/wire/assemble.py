"""Puts an answer together that came in pieces, and finishes one that came whole.

Owns the step from chunks to a `chat.completion` body, over all choices and all engine requests of one client request.
Pieces of a choice are taken in the order in which they come; choices may be interleaved. Invariant: however an answer
was cut into chunks, the same body comes out.
"""

from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, json

from weft.gateway.wire.rewrite import (
    Imprint,
    add_reasoning_alias,
    decode_chunk,
    facts_of,
    legacy_reason,
)
from weft.gateway.wire.types import (
    NULL,
    AssembledChoice,
    AssembledMessage,
    AssembledToolCall,
    ChunkChoice,
    ChunkFacts,
    Completion,
    CompletionTokensDetails,
    FunctionCall,
    FunctionDelta,
    LogprobLists,
    ToolCallDelta,
    Usage,
)
from weft.kit.errors import EngineFailed

_LOGPROBS: json.Decoder[LogprobLists | None] = json.Decoder(LogprobLists | None)
_MEMBERS = json.Decoder(dict[str, Raw])
_CHOICES = json.Decoder(list[dict[str, Raw]])
_TOOL_CALLS: json.Decoder[list[ToolCallDelta] | None] = json.Decoder(list[ToolCallDelta] | None)


class CompletionAssembler:
    """Gathers the chunks of one answer."""

    __slots__ = (
        "_choices",
        "_created",
        "_fingerprint",
        "_id",
        "_imprint",
        "_model",
        "_tier",
        "_usages",
    )

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint
        self._choices: dict[int, _Choice] = {}
        self._usages: dict[int, Usage] = {}
        self._id = imprint.id
        self._model = imprint.model
        self._created = imprint.created
        self._fingerprint: str | UnsetType | None = imprint.system_fingerprint or UNSET
        self._tier: str | UnsetType | None = UNSET

    def feed(self, payload: bytes, *, index_offset: int = 0) -> ChunkFacts:
        """Take in one chunk of the engine request whose first choice has the index `index_offset`.

        Raises:
            EngineFailed: `payload` is no chunk.
        """
        chunk = decode_chunk(payload)
        self._id = self._id or chunk.id
        self._model = self._model or chunk.model
        self._created = self._created or chunk.created
        if self._fingerprint is UNSET:
            self._fingerprint = chunk.system_fingerprint
        if self._tier is UNSET:
            self._tier = chunk.service_tier
        facts = facts_of(chunk)
        if facts.usage is not None:
            self._usages[index_offset] = facts.usage
        for piece in chunk.choices:
            index = piece.index + index_offset
            choice = self._choices.get(index)
            if choice is None:
                choice = self._choices[index] = _Choice()
            choice.add(piece)
        return facts

    @property
    def finished_choices(self) -> int:
        """How many choices have come to their end."""
        return sum(choice.finish_reason is not None for choice in self._choices.values())

    @property
    def usage(self) -> Usage | None:
        """The token counts over all engine requests, as far as they were told."""
        return merge_usage([self._usages[offset] for offset in sorted(self._usages)])

    def finish(self, usage: Usage | None = None) -> bytes:
        """The body; `usage` counts where the engine told nothing."""
        legacy = self._imprint.is_legacy
        return json.encode(
            Completion(
                id=self._id,
                object="chat.completion",
                created=self._created,
                model=self._model,
                system_fingerprint=self._fingerprint,
                service_tier=self._tier,
                choices=[
                    self._choices[index].finish(index, is_legacy=legacy)
                    for index in sorted(self._choices)
                ],
                usage=self.usage or usage or UNSET,
            )
        )


@dataclass(slots=True)
class _Call:
    """One tool call as it grows."""

    id: str = ""
    type: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _Choice:
    """One choice as it grows."""

    role: str = ""
    content: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    refusal: list[str] = field(default_factory=list[str])
    calls: dict[int, _Call] = field(default_factory=dict[int, _Call])
    logprobs: LogprobLists | None = None
    finish_reason: str | None = None

    def add(self, piece: ChunkChoice) -> None:
        """Take in what one chunk has for this choice."""
        delta = piece.delta
        if delta.content:
            self.content.append(delta.content)
        if reasoning := delta.reasoning_content or delta.reasoning:
            self.reasoning.append(reasoning)
        if delta.refusal:
            self.refusal.append(delta.refusal)
        if delta.role and not self.role:
            self.role = delta.role
        for call in delta.tool_calls or ():
            self._add_call(call)
        if delta.function_call:
            self._add_call(ToolCallDelta(index=0, function=delta.function_call))
        if piece.logprobs is not NULL:
            self._add_logprobs(piece.logprobs)
        if piece.finish_reason is not None:
            self.finish_reason = piece.finish_reason

    def _add_call(self, piece: ToolCallDelta) -> None:
        index = piece.index
        if index is None:  # some engines send whole calls without saying which
            index = len(self.calls) if piece.id or not self.calls else max(self.calls)
        call = self.calls.get(index)
        if call is None:
            call = self.calls[index] = _Call()
        call.id = call.id or piece.id or ""
        call.type = call.type or piece.type or ""
        if piece.function is not None:
            call.name = call.name or piece.function.name or ""
            if piece.function.arguments:
                call.arguments.append(piece.function.arguments)

    def _add_logprobs(self, raw: Raw) -> None:
        try:
            piece = _LOGPROBS.decode(raw)
        except DecodeError as error:
            raise EngineFailed("the engine sent what are no log probabilities") from error
        if piece is None:
            return
        if self.logprobs is None:
            self.logprobs = LogprobLists()
        self.logprobs.content = _extended(self.logprobs.content, piece.content)
        self.logprobs.refusal = _extended(self.logprobs.refusal, piece.refusal)

    def finish(self, index: int, *, is_legacy: bool) -> AssembledChoice:
        """The whole choice."""
        calls = [
            AssembledToolCall(
                id=call.id or f"call_{position}",
                type=call.type or "function",
                function=FunctionCall(name=call.name, arguments="".join(call.arguments)),
            )
            for position, call in sorted(self.calls.items())
        ]
        refusal = "".join(self.refusal) or None
        message = AssembledMessage(
            role=self.role or "assistant",
            content="".join(self.content) or (None if calls or refusal else ""),
            refusal=refusal,
            reasoning="".join(self.reasoning) or None,
        )
        if message.reasoning is not None:
            message.reasoning_content = message.reasoning
        if calls and is_legacy:
            message.function_call = calls[0].function
        elif calls:
            message.tool_calls = calls
        return AssembledChoice(
            index=index,
            message=message,
            logprobs=self.logprobs,
            finish_reason=legacy_reason(self.finish_reason) if is_legacy else self.finish_reason,
        )


def merge_usage(usages: list[Usage]) -> Usage | None:
    """The counts of one answer that took several engine requests: the prompt counts once, completions add up."""
    if len(usages) <= 1:
        return usages[0] if usages else None
    longest = max(usages, key=lambda usage: usage.prompt_tokens)
    completion = sum(usage.completion_tokens for usage in usages)
    merged = Usage(
        prompt_tokens=longest.prompt_tokens,
        completion_tokens=completion,
        total_tokens=longest.prompt_tokens + completion,
        prompt_tokens_details=longest.prompt_tokens_details,
    )
    details = [u.completion_tokens_details for u in usages if u.completion_tokens_details]
    if details:
        merged.completion_tokens_details = _summed(details)
    return merged


def finish_completion(raw: bytes, imprint: Imprint) -> tuple[bytes, Usage | None]:
    """An engine's whole answer as the client gets it, and its usage; the same bytes where nothing has to change.

    Raises:
        EngineFailed: `raw` is no chat completion.
    """
    try:
        if not raw.isascii():
            str(raw, "utf-8")  # what stays as it is would let anything pass
        told = _ANSWER.decode(raw)
        body = add_reasoning_alias(raw) if b'"reasoning' in raw else raw
        changes = _changes(told, imprint)
        if changes or imprint.is_legacy:
            members = _MEMBERS.decode(body)
            members.update(changes)
            if imprint.is_legacy:
                members["choices"] = _legacy_choices(members["choices"])
            body = json.encode(members)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EngineFailed("the engine sent what is no completion") from error
    return body, told.usage


class _Spoken(Struct):
    """What there is to count of one message."""

    content: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    function_call: FunctionDelta | None = None


class _SpokenChoice(Struct):
    message: _Spoken = msgspec.field(default_factory=_Spoken)
    text: str | None = None
    """Of a plain completion."""


class _SpokenAnswer(Struct):
    choices: list[_SpokenChoice]


_SPOKEN = json.Decoder(_SpokenAnswer)


def text_bytes(raw: bytes) -> int:
    """How much text, reasoning and tool calls a whole answer holds, in UTF-8 without its JSON; 0 where it is none."""
    try:
        choices = _SPOKEN.decode(raw).choices
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    texts: list[str | None] = []
    for choice in choices:
        spoken = choice.message
        texts.append(choice.text)
        texts += (spoken.content, spoken.refusal, spoken.reasoning or spoken.reasoning_content)
        functions = [call.function for call in spoken.tool_calls or ()]
        for function in (*functions, spoken.function_call):
            if function is not None:
                texts += (function.name, function.arguments)
    return sum(len(text.encode()) for text in texts if text)


class _Answer(Struct):
    """What there is to judge of a whole answer."""

    choices: list[Raw]
    id: str = ""
    model: str = ""
    created: int = 0
    system_fingerprint: str | None = None
    usage: Usage | None = None


_ANSWER = json.Decoder(_Answer)


def _changes(told: _Answer, imprint: Imprint) -> dict[str, Raw]:
    """The members that differ from what the answer must carry."""
    changes: dict[str, Raw] = {}
    for name in ("id", "model", "created", "system_fingerprint"):
        wanted: str | int = getattr(imprint, name)
        if wanted and wanted != getattr(told, name):
            changes[name] = Raw(json.encode(wanted))
    return changes


def _legacy_choices(raw: Raw) -> Raw:
    choices = _CHOICES.decode(raw)
    for choice in choices:
        message = _MEMBERS.decode(choice.get("message", b"{}"))
        calls = _TOOL_CALLS.decode(message.pop("tool_calls", b"null"))
        if calls and calls[0].function is not None:
            message["function_call"] = Raw(json.encode(calls[0].function))
        choice["message"] = Raw(json.encode(message))
        if bytes(choice.get("finish_reason", b"")) == b'"tool_calls"':
            choice["finish_reason"] = Raw(b'"function_call"')
    return Raw(json.encode(choices))


def _extended(whole: list[Raw] | None, piece: list[Raw] | None) -> list[Raw] | None:
    """`whole` with `piece` behind it, in place: an answer may have very many tokens."""
    if whole is None or piece is None:
        return piece if whole is None else whole
    whole.extend(piece)
    return whole


def _summed(details: list[CompletionTokensDetails]) -> CompletionTokensDetails:
    total = CompletionTokensDetails()
    for detail in details:
        for name, value in msgspec.structs.asdict(detail).items():
            if value is not None:
                setattr(total, name, (getattr(total, name) or 0) + value)
    return total
