"""The chats that a project's members had in the playground: read from its calls, newest first.

They are found by the op that the playground's door gives them (`gateway/tracing/kinds.py`). A chat whose project keeps
less than everything is listed without its words. Invariant: a page is bounded however large its chats are; what would
be too much is on the next one.

A search finds chats that have each of its words: in the model's name, in any message, in the answer. What stands there
is JSON, so that its own words, such as "content", are in every chat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from weft.evals.playground.wire import ChatPage, ChatTold, ChatWhole
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
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
_NEWEST = [SortBy("started_at", "desc")]
_COLUMNS = ["id", "started_at", "wb_user_id", "inputs", "summary", "exception"]
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
    """One page of the history.

    Raises:
        InvalidRequest: the cursor is none, or the search has too many words.
        WeftError: the store cannot be read.
    """
    users, words = [cut.user_id] if cut.user_id else None, cut.words
    conditions = [*_before(cut.cursor), *map(_with_word, words)]
    asked = StreamQuery(
        visitor.name,
        filter=CallFilter(op_names=[OP], wb_user_ids=users),
        query={"$expr": {"$and": conditions}} if conditions else None,
        sort_by=_NEWEST,
        limit=cut.limit + 1,
        columns=[*_COLUMNS, "output"] if words else _COLUMNS,
        include_usernames=True,
    )
    calls, is_cut = await _calls(reader, visitor, asked)
    shown = calls[: cut.limit]
    has_more = is_cut or len(calls) > cut.limit
    cursor = shown[-1]["started_at"] if has_more else None
    return ChatPage(chats=[_told(call, words) for call in shown], next_cursor=cursor)


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
    calls, _is_cut = await _calls(reader, visitor, asked)
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
    reader: CallReader, visitor: Visitor, asked: StreamQuery
) -> tuple[list[dict[str, Any]], bool]:
    """The calls, as many as fit into a page, and whether there are more."""
    body, is_cut = bytearray(), False
    pieces = reader.stream(visitor.project_id, visitor.name, asked)
    try:
        async for piece in pieces:
            body += piece
            is_cut = len(body) > PAGE_BYTES
            if is_cut:
                break
    finally:
        await pieces.aclose()
    return [msgspec.json.decode(line) for line in bytes(body).split(b"\n") if line], is_cut


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


def _told(call: dict[str, Any], words: Sequence[str]) -> ChatTold:
    inputs, summary = object_in(call.get("inputs")), object_in(call.get("summary"))
    messages = [object_in(one) for one in list_in(inputs.get("messages"))]
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


def _answers(call: dict[str, Any]) -> list[dict[str, Any]]:
    choices = list_in(object_in(call.get("output")).get("choices"))
    return [object_in(object_in(choice).get("message")) for choice in choices]


def _excerpt(texts: Sequence[str], words: Sequence[str]) -> str:
    """What stands around a word that was looked for, if the first of the texts does not show one."""
    for place, text in enumerate(texts):
        folded = text.lower()
        starts = [at for word in words if (at := folded.find(word.lower())) >= 0]
        if starts:
            start = max(0, min(starts) - EXCERPT_CHARS // 4)
            return text[start : start + EXCERPT_CHARS] if place else ""
    return ""


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = [object_in(part) for part in list_in(content)]
    return " ".join(text for part in parts if (text := text_in(part.get("text"))))


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
