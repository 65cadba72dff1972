"""What a broken fake engine does wrong: each defect is one that real engines were seen to have.

Owns the difference between a sound answer and a broken one, in four places: how a request is understood, what is
answered, what is counted, and how an answer's body looks. Pure but for `seed`, whose very fault is chance.
"""

import dataclasses
import json
import random
from typing import cast

import msgspec

from weft.engines.kinds.fake.answers import Answer, Question
from weft.engines.kinds.fake.asked import ResponseFormat
from weft.engines.kinds.fake.broken import IGNORED, REFUSALS
from weft.kit.errors import Json

_PIECE_CHARS = 8
_NO_NUMBERS = {"logprobs-nan": b"NaN", "logprobs-null": b"null", "logprobs-huge": b"-1e999"}
"""What Python, JavaScript and C write where a number is none."""


class Defective(Exception):
    """The engine answers with an error."""

    def __init__(self, status: int, field: str) -> None:
        super().__init__(f"the fake engine is told to know nothing of {field}")
        self.status = status


def understood(question: Question, broken: frozenset[str]) -> Question:
    """The question as a broken engine reads it.

    Raises:
        Defective: it does not know one of its fields.
    """
    for name in broken & REFUSALS.keys():
        status, field = REFUSALS[name]
        asked = question.images if field == "images" else getattr(question, field)
        if asked and not (field == "n" and asked == 1):
            raise Defective(status, field)
    changes: dict[str, object] = {IGNORED[name]: None for name in broken & IGNORED.keys()}
    if "n-stream" in broken and question.stream:
        changes["n"] = None
    if "choice" in broken and question.tools:
        changes["tools"] = None if question.tool_choice == "required" else question.tools
        changes["tool_choice"] = "required"
    return msgspec.structs.replace(question, **changes) if changes else question


def told(answer: Answer, question: Question, broken: frozenset[str]) -> Answer:
    """The answer as a broken engine gives it."""
    if not broken:
        return answer
    if answer.tool:
        return _called(answer, question, broken)
    if question.response_format is not None and question.response_format.type != "text":
        return _formed(answer, question.response_format, broken)
    if "seed" in broken and question.seed is not None and question.temperature:
        pieces = list(answer.pieces)
        random.shuffle(pieces)
        answer = dataclasses.replace(answer, pieces=tuple(pieces))
    return _thought(_stopped(answer, question, broken), broken)


def _called(answer: Answer, question: Question, broken: frozenset[str]) -> Answer:
    arguments = cast("dict[str, Json]", json.loads("".join(answer.pieces)))
    name = next(iter(arguments), "")
    spoiled: dict[str, Json] = {
        "args-type": [arguments],
        "args-value": {name: "elsewhere"},
        "args-missing": {},
        "args-extra": {**arguments, "more": 1},
    }
    texts = {defect: json.dumps(value) for defect, value in spoiled.items()}
    texts["args-cut"] = json.dumps(arguments)[:-2]
    if "tools-stream" in broken and question.stream:
        return _as_text(answer)
    if "tools-text" in broken:
        return _as_text(answer)
    for defect in broken & texts.keys():
        answer = dataclasses.replace(answer, pieces=_pieces(texts[defect]))
    if "call-name" in broken:
        answer = dataclasses.replace(answer, tool="get_nothing")
    return answer


def _as_text(answer: Answer) -> Answer:
    """A call that the engine's parser did not find."""
    text = f'<tool_call>{{"name":"{answer.tool}","arguments":{"".join(answer.pieces)}}}</tool_call>'
    return Answer((), _pieces(text), "", "stop")


def _formed(answer: Answer, wanted: ResponseFormat, broken: frozenset[str]) -> Answer:
    text = "".join(answer.pieces)
    value = cast("dict[str, Json]", json.loads(text))
    first, others = next(iter(value), ""), list(value)[1:]
    spoiled: dict[str, Json] = {
        "json-type": [value],
        "json-value": {**value, first: "nothing of it"},
        "json-missing": {name: value[name] for name in others},
        "json-extra": {**value, "more": True},
    }
    texts = {"json-prose": f"Here it is: {text}", "json-fence": f"```json\n{text}\n```"}
    if wanted.type == "json_schema":
        texts |= {defect: json.dumps(other) for defect, other in spoiled.items()}
    for defect in broken & texts.keys():
        return dataclasses.replace(answer, pieces=_pieces(texts[defect]))
    return answer


def _stopped(answer: Answer, question: Question, broken: frozenset[str]) -> Answer:
    stop = question.stop if isinstance(question.stop, str) else (question.stop or [""])[0]
    if not stop or answer.finish_reason != "stop":
        return answer
    if "stop-kept" in broken:
        return dataclasses.replace(answer, pieces=(*answer.pieces, stop))
    if "stop-late" in broken:
        return dataclasses.replace(answer, pieces=(*answer.pieces, stop, " and more"))
    if "stop-reason" in broken:
        return dataclasses.replace(answer, finish_reason="length")
    return answer


def _thought(answer: Answer, broken: frozenset[str]) -> Answer:
    if "think-lost" in broken:
        return dataclasses.replace(answer, reasoning=())
    if answer.reasoning and broken & {"think-inline", "think-unclosed"}:
        opened = "<think>" if "think-inline" in broken else ""
        pieces = (opened, *answer.reasoning, "</think>", *answer.pieces)
        return dataclasses.replace(answer, reasoning=(), pieces=pieces)
    return answer


def counted(usage: dict[str, Json], broken: frozenset[str], *, is_stream: bool) -> dict[str, Json]:
    """The usage as a broken engine tells it."""
    prompt, completion = (
        cast("int", usage["prompt_tokens"]),
        cast("int", usage["completion_tokens"]),
    )
    if "usage-no-prompt" in broken:
        prompt = 0
    if "usage-double" in broken:
        prompt *= 2
    if "usage-fixed" in broken:
        prompt = 7
    if "usage-differs" in broken and is_stream:
        prompt += 5
    if "usage-no-answer" in broken:
        completion = 0
    if "usage-more" in broken:
        completion += 1
    total = prompt + completion + ("usage-total" in broken)
    return {
        **usage,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
    }


def logprob(spoken: dict[str, Json], broken: frozenset[str]) -> dict[str, Json]:
    """A token's log probabilities as a broken engine tells them."""
    top = cast("list[dict[str, Json]]", spoken["top_logprobs"])
    value = spoken["logprob"]
    raw = next((text for name, text in _NO_NUMBERS.items() if name in broken), b"")
    if "logprobs-positive" in broken:
        value = 0.25
    if "logprobs-sum" in broken:
        top = [{**one, "logprob": -0.25} for one in top]
    if "logprobs-twice" in broken:
        top = [{**top[0], "logprob": -2.0} for _ in top]
    token = "other" if "logprobs-text" in broken else spoken["token"]
    data: Json = [*token.encode()] if isinstance(token, str) else None
    told: dict[str, Json] = {
        **spoken,
        "token": token,
        "bytes": data,
        "logprob": value,
        "top_logprobs": [*top],
    }
    if raw:
        told["logprob"] = cast("Json", msgspec.Raw(raw))
    return told


def choice(made: dict[str, Json], broken: frozenset[str]) -> dict[str, Json]:
    """A choice of a whole answer, or of a chunk, as a broken engine writes it."""
    if "n-index" in broken:
        made = {**made, "index": 0}
    if "n-open" in broken and made["index"] == 1:
        made = {**made, "finish_reason": None}
    if "open-end" in broken and "delta" in made:
        made = {**made, "finish_reason": None}
    if "logprobs-stream" in broken and "delta" in made:
        made = {name: value for name, value in made.items() if name != "logprobs"}
    return made


def _pieces(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + _PIECE_CHARS] for at in range(0, len(text), _PIECE_CHARS))
