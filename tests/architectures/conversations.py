"""Conversations whose prompts llama.cpp and transformers must render alike.

Arguments of calls are objects, as transformers' templates want them; the engine gets them as OpenAI's API has them, as
JSON in a string.
"""

import copy
import json
from dataclasses import dataclass, field
from typing import Any

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather of a place.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "A city, and its country."},
                "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
                "days": {"type": "integer"},
            },
            "required": ["location"],
        },
    },
}
CLOCK: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Tells the time.",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}},
    },
}
SYSTEM = {"role": "system", "content": "Be brief; it's late."}
QUESTION = {"role": "user", "content": 'How warm is it in "Zürich"?'}
CALL = {
    "id": "functions.get_weather:0",
    "type": "function",
    "function": {"name": "get_weather", "arguments": {"location": "Zürich", "days": 2}},
}
OTHER_CALL = {
    "id": "functions.get_time:1",
    "type": "function",
    "function": {"name": "get_time", "arguments": {"zone": "CET"}},
}
RESULT = {"role": "tool", "tool_call_id": "functions.get_weather:0", "content": '{"celsius": 17}'}
OTHER_RESULT = {"role": "tool", "tool_call_id": "functions.get_time:1", "content": "09:30"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """One, with what is asked of the template."""

    messages: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...] = ()
    switches: dict[str, object] = field(default_factory=dict[str, object])

    def for_the_engine(self) -> list[dict[str, Any]]:
        """With the arguments of calls as text."""
        messages = copy.deepcopy(list(self.messages))
        for message in messages:
            for call in message.get("tool_calls", ()):
                arguments = json.dumps(call["function"]["arguments"], ensure_ascii=False)
                call["function"]["arguments"] = arguments
        return messages


def _calls(*calls: dict[str, Any], content: str = "", **more: str) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls), **more}


CONVERSATIONS = {
    "question": Conversation((QUESTION,)),
    "system": Conversation((SYSTEM, QUESTION)),
    "turns": Conversation(
        (
            SYSTEM,
            {"role": "user", "content": "Guten Tag!\nWie geht's?"},
            {"role": "assistant", "content": "Gut, danke: 今天很好。"},
            QUESTION,
        )
    ),
    "tools": Conversation((SYSTEM, QUESTION), (WEATHER, CLOCK)),
    "tools without system": Conversation((QUESTION,), (WEATHER,)),
    "result": Conversation((SYSTEM, QUESTION, _calls(CALL), RESULT), (WEATHER,)),
    "words and a call": Conversation(
        (QUESTION, _calls(CALL, content="I look it up."), RESULT), (WEATHER,)
    ),
    "answer after a result": Conversation(
        (
            QUESTION,
            _calls(CALL),
            RESULT,
            {"role": "assistant", "content": "17 degrees."},
            {"role": "user", "content": "Thanks."},
        ),
        (WEATHER,),
    ),
    "two calls": Conversation(
        (QUESTION, _calls(CALL, OTHER_CALL), RESULT, OTHER_RESULT), (WEATHER, CLOCK)
    ),
    "reasoning": Conversation(
        (
            QUESTION,
            {"role": "assistant", "content": "17.", "reasoning_content": "It is spring."},
            {"role": "user", "content": "And tomorrow?"},
        )
    ),
    "reasoning before a call": Conversation(
        (QUESTION, _calls(CALL, reasoning_content="I had better look."), RESULT), (WEATHER,)
    ),
    "thinking on": Conversation((QUESTION,), switches={"enable_thinking": True}),
    "thinking off": Conversation((QUESTION,), switches={"enable_thinking": False}),
    "effort": Conversation((SYSTEM, QUESTION), switches={"reasoning_effort": "high"}),
}
