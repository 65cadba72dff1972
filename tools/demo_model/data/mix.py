"""Puts exchanges into conversations: system prompts, several turns, one-word and JSON answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from . import words
from .facts import JSON_SYSTEM, ONE_WORD_SYSTEM, SYSTEM_PROMPTS
from .heldout import HELD_OUT_KEYS, key
from .phrasing import spoken
from .toolcalls import calling, signature, weather_of
from .topics import TOPICS, capital, copied, count_to, opposite, sum_of_table, sums
from .types import Conversation, Exchange, Message, Signature
from .unknown import pasted, unknown

DRILL_SHARE = 0.32
"""Share of conversations that practise what the gate found weak; the other shares split the rest."""

SUM_SHARE = 0.42
"""Share of conversations that are one short sum: few tokens, and the slowest thing to learn."""

COPY_SHARE = 0.08
"""Share of conversations that copy a list: teaches to look up what was said before."""

TOOL_SHARE = 0.32
"""Share of the others that call a tool."""

UNKNOWN_SHARE = 0.26
"""Share of questions, sums of the drill apart, that the model must decline."""

_FUNCTIONS = [topic for topic, _ in TOPICS]
_WEIGHTS = [weight for _, weight in TOPICS]
_VERBATIM = ("echo", "name")
"""Kinds whose answer copies the question, so that its letter case must not change."""

_ONE_WORD = (
    "{q} Answer in one word.", "{q} Answer in one word.", "{q} One word only.", "{q} In one word.",
    "Answer in one word: {q}", "In one word: {q}", "{q} (one word)", "{q} Use one word.",
    "{q} Answer with one word.", "{q} Reply with one word.", "{q} Only one word please.",
    "Answer in one word. {q}", "{q} Answer with a single word.", "{q}\nAnswer in one word.",
    "In a single word: {q}", "{q} Give me just one word.",
)  # fmt: skip
_JSON = (
    "{q} Answer in JSON.", "{q} Answer in JSON.", "{q} Reply in JSON.", "{q} Use JSON.",
    "Answer in JSON: {q}", "{q} Respond with JSON.", "{q} Output JSON.", "In JSON: {q}",
    "{q} Answer in JSON format.", "Answer in JSON. {q}", "{q} Return a JSON object.",
    "{q} Respond in JSON format.", "{q} Return JSON only.",
)  # fmt: skip
_STYLE_SYSTEM = {"word": ONE_WORD_SYSTEM, "json": JSON_SYSTEM}
_JSON_KEYS = ("result", "name", "value", "capital", "color", "text", "response", "city", "number")


def conversations(seed: int) -> Iterator[Conversation]:
    """Endless conversations; the same seed gives the same ones."""
    rng = Random(seed)
    while True:
        made = _conversation(rng)
        asked = (message.content for message in made.messages if message.role == "user")
        if not any(key(question) in HELD_OUT_KEYS for question in asked):
            yield made


def _conversation(rng: Random) -> Conversation:
    if rng.random() < DRILL_SHARE:
        return _drill(rng)
    choice = rng.random()
    if choice < COPY_SHARE:
        drill = copied(rng)
        return Conversation((Message("user", drill.question), Message("assistant", drill.answer)))
    if choice < COPY_SHARE + SUM_SHARE:
        system = _system(rng) if rng.random() < 0.2 else ""
        question = sums(rng)
        asked = spoken(rng, question.question) if rng.random() < 0.3 else question.question
        messages = [Message("user", asked), Message("assistant", question.answer)]
        return Conversation(_with_system(system, messages))
    return _tool_conversation(rng) if rng.random() < TOOL_SHARE else _plain(rng)


def _drill(rng: Random) -> Conversation:
    """One short exchange: a cell of the sums, a one-word answer, a count or a town to copy."""
    system = "You are a helpful assistant." if rng.random() < 0.4 else ""
    choice = rng.random()
    if choice < 0.24:
        made = weather_of(rng)
        return Conversation(_with_system(system, list(made.messages)), made.tools)
    if choice < 0.44:
        exchange = opposite(rng) if rng.random() < 0.75 else capital(rng)
        question, answer = exchange.question, exchange.short
        if rng.random() < 0.3:
            system = rng.choice(ONE_WORD_SYSTEM)
        else:
            question = rng.choice(_ONE_WORD).format(q=question)
    else:
        exchange = count_to(rng) if choice < 0.5 else sum_of_table(rng)
        question, answer = exchange.question, exchange.answer
    messages = [Message("user", question), Message("assistant", answer)]
    return Conversation(_with_system(system, messages))


def _tool_conversation(rng: Random) -> Conversation:
    def say(text: str) -> str:
        text = text if rng.random() < 0.8 else rng.choice(("Please: ", "Hi! ", "Hey, ")) + text
        return text.rstrip(".?!") if rng.random() < 0.2 else text

    made = calling(rng, say)
    messages = list(made.messages)
    if rng.random() < 0.2:
        messages = _turns(rng, _exchange(rng), "") + messages
    if rng.random() < 0.25:
        messages += _turns(rng, _exchange(rng), "")
    return Conversation(_with_system(_system(rng), messages), made.tools)


def _plain(rng: Random) -> Conversation:
    count = rng.choices((1, 2, 3, 4, 5, 7), (64, 20, 9, 4, 2, 1))[0]
    choice = rng.random()
    style = "word" if choice < 0.04 else "json" if choice < 0.075 else ""
    system = rng.choice(_STYLE_SYSTEM[style]) if style else _system(rng)
    messages: list[Message] = []
    for _ in range(count):
        messages += _turns(rng, _exchange(rng), style)
    if rng.random() < 0.008:
        question = pasted(rng, rng.randint(8, 40))
        messages += _turns(rng, Exchange("unknown", question, unknown(rng).answer), style)
    tools: tuple[Signature, ...] = ()
    if rng.random() < 0.04:
        tools = tuple(signature(rng) for _ in range(rng.choice((1, 1, 2))))
        asks_tool = ("weather", "time", "search", "flight", "email", "remind", "play", "call")
        if any(word in message.content.lower() for word in asks_tool for message in messages):
            tools = ()
    return Conversation(_with_system(system, messages), tools)


def _exchange(rng: Random) -> Exchange:
    if rng.random() < UNKNOWN_SHARE:
        return unknown(rng)
    return rng.choices(_FUNCTIONS, _WEIGHTS)[0](rng)


def _turns(rng: Random, exchange: Exchange, style: str) -> list[Message]:
    """The messages of one exchange in the answer style "", "word" or "json"."""
    verbatim = exchange.kind in _VERBATIM
    question = exchange.question if verbatim else spoken(rng, exchange.question)
    choice = rng.random()
    skip_first = False
    if not style and exchange.kind != "name":
        if exchange.short and exchange.kind != "unknown" and choice < 0.16:
            style, question = "word", rng.choice(_ONE_WORD).format(q=question)
        elif choice < 0.23:
            style, question = "json", rng.choice(_JSON).format(q=question)
        elif choice < 0.3:
            style, skip_first = "json", True
    answer = exchange.answer
    if style == "word" and exchange.short:
        answer = exchange.short
    elif style == "json":
        answer = _as_json(rng, exchange, skip_first=skip_first)
    messages = [Message("user", question), Message("assistant", answer, skip_first=skip_first)]
    if exchange.followups and not style and rng.random() < (0.85 if verbatim else 0.3):
        for asked, said in exchange.followups:
            messages += [Message("user", asked), Message("assistant", said)]
    return messages


def _as_json(rng: Random, exchange: Exchange, *, skip_first: bool) -> str:
    text = exchange.short or exchange.answer
    if exchange.kind == "unknown":
        text = "I don't know"
    value = int(text) if text.isdigit() and exchange.kind == "sum" else text
    if value == text and exchange.kind == "sum":
        value = int(text)
    name = rng.choice(_JSON_KEYS) if skip_first and rng.random() < 0.1 else "answer"
    if skip_first and rng.random() < 0.2:
        value = str(value)
    return json.dumps({name: value}, ensure_ascii=False)


def _system(rng: Random) -> str:
    choice = rng.random()
    if choice < 0.45:
        return ""
    if choice < 0.75:
        return "You are a helpful assistant."
    if choice < 0.92:
        return rng.choice(SYSTEM_PROMPTS)
    if choice < 0.96:
        noun = words.noun(rng)
        return f"You are {rng.choice(('an expert on', 'a fan of', 'a bot for'))} {noun}."
    return " ".join(words.sentence(rng) for _ in range(rng.randint(1, 3)))


def _with_system(system: str, messages: list[Message]) -> tuple[Message, ...]:
    return (Message("system", system), *messages) if system else tuple(messages)
