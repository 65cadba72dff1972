"""The chats that a project's members had in the playground: read from its calls, newest first.

They are found by the op that the playground's door gives them (`gateway/tracing/kinds.py`). A chat whose project keeps
less than everything is listed without its words. Invariant: a page is bounded however large its chats are; what would
be too much is on the next one.

A search finds chats that have each of its words: in the model's name, in any message, in the answer. The database looks
through their JSON, which has words of its own, such as "content", and pictures; what it finds is looked through here
once more, in the texts alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from weft.evals.playground.wire import ChatPage, ChatTold, ChatWhole
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.dialects.texts import fold
from weft.kit.errors import InvalidRequest, NotFound
from weft.traces.calls.read.reader import CallReader
from weft.traces.calls.read.wire import CallFilter, StreamQuery
from weft.traces.query.compile import SortBy

OP = "weft.playground"
PAGE = 30
MAX_PAGE = 100
PAGE_BYTES = 32 * 1024 * 1024
SAID_CHARS = 200
EXCERPT_CHARS = 160
SEARCH_CHARS = 200
MAX_WORDS = 8
MOST_ROWS = 1000
"""Read at once when words are looked for that the JSON of many chats has, and their texts have not."""
_NEWEST = [SortBy("started_at", "desc")]
_COLUMNS = ["id", "started_at", "wb_user_id", "inputs", "summary", "exception"]
_MORE_TEXTS = ("refusal", "reasoning_content", "reasoning")
_SEARCHED = ("inputs.model", "inputs.messages", "output.choices")


class NoSuchChat(NotFound):
    """The history has no such chat."""

    code = "chat_not_found"


@dataclass(frozen=True, slots=True)
class Cut:
    """Which chats are meant."""

    limit: int = PAGE
    cursor: str | None = None
    user_id: str | None = None
    """Only those of this user."""
    search: str = ""
    """Only those with each of these words."""

    @property
    def words(self) -> list[str]:
        """What is looked for.

        Raises:
            InvalidRequest: it is too much.
        """
        found = list(dict.fromkeys(self.search.split()))
        if len(found) > MAX_WORDS:
            raise InvalidRequest(f"a search has at most {MAX_WORDS} words", param="q")
        return found


async def page(reader: CallReader, visitor: Visitor, cut: Cut) -> ChatPage:
    """One page of the history; a search whose words are seldom said may fill it only in part, and go on behind it.

    Raises:
        InvalidRequest: the cursor is none, or the search has too many words.
        WeftError: the store cannot be read.
    """
    words, found, cursor = cut.words, list[ChatTold](), cut.cursor
    rows, left_bytes = cut.limit + 1, PAGE_BYTES
    while True:
        asked = _asked(visitor, cut, words, cursor, rows)
        calls, size = await _calls(reader, visitor, asked, left_bytes)
        for call in calls:
            if _has(call, words):
                if len(found) == cut.limit:
                    return ChatPage(chats=found, next_cursor=cursor)
                found.append(_told(call, words))
            cursor = call["started_at"]
        left_bytes -= size
        if left_bytes < 0:
            return ChatPage(chats=found, next_cursor=cursor)
        if len(calls) < rows:
            return ChatPage(chats=found, next_cursor=None)
        rows = min(rows * 4, MOST_ROWS)


def _asked(
    visitor: Visitor, cut: Cut, words: Sequence[str], cursor: str | None, rows: int
) -> StreamQuery:
    conditions = [*_before(cursor), *map(_with_word, words)]
    return StreamQuery(
        visitor.name,
        filter=CallFilter(op_names=[OP], wb_user_ids=[cut.user_id] if cut.user_id else None),
        query={"$expr": {"$and": conditions}} if conditions else None,
        sort_by=_NEWEST,
        limit=rows,
        columns=[*_COLUMNS, "output"] if words else _COLUMNS,
        include_usernames=True,
    )


async def chat(reader: CallReader, visitor: Visitor, id_: str) -> ChatWhole:
    """One chat with all its words.

    Raises:
        NoSuchChat: there is none of this id that was had in the playground.
    """
    asked = StreamQuery(
        visitor.name,
        filter=CallFilter(op_names=[OP], call_ids=[id_]),
        limit=1,
        include_usernames=True,
    )
    calls, _size = await _calls(reader, visitor, asked, PAGE_BYTES)
    if not calls:
        raise NoSuchChat(
            "There is no such chat in the history of this project",
            remedy="Chats are kept for as long as the project keeps calls; pick another one.",
        )
    call = calls[0]
    return ChatWhole(
        id=call["id"],
        started_at=datetime.fromisoformat(call["started_at"]),
        user=_user(call),
        request=object_in(call.get("inputs")),
        response=object_in(call.get("output")) or None,
        error=_error(call),
    )


async def _calls(
    reader: CallReader, visitor: Visitor, asked: StreamQuery, most_bytes: int
) -> tuple[list[dict[str, Any]], int]:
    """The calls and their bytes; reading ends when these are more than `most_bytes`."""
    body = bytearray()
    pieces = reader.stream(visitor.project_id, visitor.name, asked)
    try:
        async for piece in pieces:
            body += piece
            if len(body) > most_bytes:
                break
    finally:
        await pieces.aclose()
    return [msgspec.json.decode(line) for line in bytes(body).split(b"\n") if line], len(body)


def _before(cursor: str | None) -> list[Any]:
    if cursor is None:
        return []
    try:
        moment = datetime.fromisoformat(cursor)
    except ValueError as error:
        raise InvalidRequest("cursor is what next_cursor of a page said", param="cursor") from error
    said = {"$literal": moment.isoformat()}
    return [{"$lt": [{"$getField": "started_at"}, said]}]


def _with_word(word: str) -> Any:
    return {
        "$or": [
            {
                "$contains": {
                    "input": {"$getField": field},
                    "substr": {"$literal": word},
                    "case_insensitive": True,
                }
            }
            for field in _SEARCHED
        ]
    }


def _has(call: dict[str, Any], words: Sequence[str]) -> bool:
    """Whether each of the words is in one of the call's texts."""
    if not words:
        return True
    model = text_in(object_in(call.get("inputs")).get("model")) or ""
    texts = [fold(text) for text in (model, *map(_text, [*_messages(call), *_answers(call)]))]
    return all(any(fold(word) in text for text in texts) for word in words)


def _told(call: dict[str, Any], words: Sequence[str]) -> ChatTold:
    inputs, summary = object_in(call.get("inputs")), object_in(call.get("summary"))
    messages = _messages(call)
    weft = object_in(summary.get("weft"))
    used = list(object_in(summary.get("usage")).values())
    usage = object_in(used[0]) if used else {}
    said = next((_text(one) for one in reversed(messages) if one.get("role") == "user"), "")
    said = said[:SAID_CHARS]
    return ChatTold(
        id=call["id"],
        started_at=datetime.fromisoformat(call["started_at"]),
        user=_user(call),
        model=text_in(inputs.get("model")) or "",
        said=said,
        excerpt=_excerpt([said, *map(_text, [*messages, *_answers(call)])], words),
        messages=len(messages),
        ok=call.get("exception") is None,
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        cost_nusd=text_in(weft.get("cost_nusd")) or "0",
        total_ms=float(weft.get("total_ms") or 0),
    )


def _messages(call: dict[str, Any]) -> list[dict[str, Any]]:
    return [object_in(one) for one in list_in(object_in(call.get("inputs")).get("messages"))]


def _answers(call: dict[str, Any]) -> list[dict[str, Any]]:
    choices = list_in(object_in(call.get("output")).get("choices"))
    return [object_in(object_in(choice).get("message")) for choice in choices]


def _excerpt(texts: Sequence[str], words: Sequence[str]) -> str:
    """What stands around a word that was looked for, if the first of the texts does not show one."""
    for place, text in enumerate(texts):
        folded = fold(text)
        starts = [at for word in words if (at := folded.find(fold(word))) >= 0]
        if starts:
            start = max(0, min(starts) - EXCERPT_CHARS // 4)
            return text[start : start + EXCERPT_CHARS] if place else ""
    return ""


def _text(message: dict[str, Any]) -> str:
    """All that a message says: its text, what a model thought before, and the tools that it called."""
    content = message.get("content")
    parts = [object_in(part).get("text") for part in list_in(content)]
    called = [
        object_in(object_in(one).get("function")) for one in list_in(message.get("tool_calls"))
    ]
    said = [
        content,
        *parts,
        *(message.get(name) for name in _MORE_TEXTS),
        *(one.get(name) for one in called for name in ("name", "arguments")),
    ]
    return " ".join(text for one in said if (text := text_in(one)))


def _user(call: dict[str, Any]) -> str:
    return text_in(call.get("wb_username")) or text_in(call.get("wb_user_id")) or ""


def _error(call: dict[str, Any]) -> str | None:
    told = text_in(call.get("exception"))
    if told is None:
        return None
    try:
        return text_in(object_in(msgspec.json.decode(told)).get("message")) or told
    except msgspec.DecodeError:
        return told


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
