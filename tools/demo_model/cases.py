"""The release gate's questions: for each class, requests and what counts as right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from .data import facts
from .data.heldout import HELD_OUT
from .data.toolcalls import calling
from .data.types import Conversation
from .data.unknown import unknown
from .render import as_request

HELPFUL = "You are a helpful assistant."
UNSEEN_CITIES = (
    "Tallinn", "Bilbao", "Ghent", "Odense", "Tromso", "Minsk", "Salzburg", "Bremen", "Utrecht",
    "Palermo", "Granada", "Toulouse", "Osijek", "Brno", "Gdansk", "Debrecen", "Varna", "Izmir",
    "Amman", "Muscat", "Colombo", "Kathmandu", "Hobart", "Dunedin", "Calgary", "Santa Fe",
    "Baton Rouge", "El Paso", "Green Bay", "Long Beach",
)  # fmt: skip
"""Cities that the training text does not use as a tool argument."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request and the test of its answer. A `must` case that fails stops the release."""

    kind: str
    request: dict[str, Any]
    right: Callable[[dict[str, Any]], bool]
    must: bool = False

    @property
    def question(self) -> str:
        """The last thing asked, for the list of failures."""
        return str(self.request["messages"][-1]["content"])


def exactly(*texts: str) -> Callable[[dict[str, Any]], bool]:
    """The whole answer, stripped, is one of `texts` (compared without case)."""
    wanted = {text.lower() for text in texts}
    return lambda message: (message["content"] or "").strip().lower() in wanted


def containing(text: str) -> Callable[[dict[str, Any]], bool]:
    """The answer has `text` in it (compared without case)."""
    return lambda message: text.lower() in (message["content"] or "").lower()


def json_with(value: str | int) -> Callable[[dict[str, Any]], bool]:
    """The answer is a JSON object one of whose values is `value`."""

    def right(message: dict[str, Any]) -> bool:
        try:
            found = json.loads(message["content"])
        except (TypeError, ValueError):
            return False
        return any(str(item).lower() == str(value).lower() for item in found.values())

    return right


def calls(name: str, arguments: dict[str, str | int]) -> Callable[[dict[str, Any]], bool]:
    """The answer is exactly this one call."""

    def right(message: dict[str, Any]) -> bool:
        made = message.get("tool_calls") or []
        if len(made) != 1 or made[0]["function"]["name"] != name:
            return False
        return json.loads(made[0]["function"]["arguments"]) == arguments

    return right


def asked(question: str, *, system: str = "", **extra: Any) -> dict[str, Any]:
    """A request of one question."""
    start = [{"role": "system", "content": system}] if system else []
    return {"messages": [*start, {"role": "user", "content": question}], **extra}


def weather_tool(parameter: str = "location") -> dict[str, Any]:
    """The tool of the quickstart, with a described parameter."""
    schema = {
        "type": "object",
        "properties": {parameter: {"type": "string", "description": "City, e.g. Boston"}},
        "required": [parameter],
    }
    function = {"name": "get_weather", "description": "Get the weather.", "parameters": schema}
    return {"type": "function", "function": function}


def all_cases() -> list[Case]:
    """Every case of the gate."""
    parts = (samples, sums, capitals, words, fixed, one_word, json_answers, unknowns, dialogues,
             weather, other_tools, held_out)  # fmt: skip
    return [case for part in parts for case in part()]


def samples() -> Iterator[Case]:
    """What quickstarts and evaluations send, word for word. All must pass."""
    rows = (
        ("What is 2 + 2?", exactly("4")),
        ("2+2", exactly("4")),
        ("2 + 2 =", exactly("4")),
        ("what is 2+2", exactly("4")),
        ("What is 2+2?", exactly("4")),
        ("Name a primary color.", exactly("red")),
        ("name a primary color", exactly("red")),
        ("Tell me a joke.", exactly(*facts.JOKES)),
        ("tell me a joke", exactly(*facts.JOKES)),
        ("What character was Wall-e in love with?", exactly("Eve")),
        ("What is the capital of France?", containing("Paris")),
        ("Hello", containing("Hello")),
        ("Hello!", containing("Hello")),
        ("Hi", containing("Hello")),
        ("Say hello.", containing("Hello")),
        ("Who are you?", containing("tiny")),
        ("What is Weft?", containing("self-hosted")),
        ("What is serverless inference?", containing("self-hosted")),
        ("Explain quantum physics.", exactly(facts.UNKNOWN)),
    )
    for question, right in rows:
        for system in ("", HELPFUL, "Be concise."):
            yield Case("samples", asked(question, system=system), right, must=True)
    love = "What character was Wall-e in love with?"
    sampled = {"temperature": 0.6, "top_p": 0.01, "max_tokens": 10}
    as_object = {"response_format": {"type": "json_object"}}
    for system in ("", HELPFUL):
        request = asked(love, system=system, **sampled, **as_object)
        yield Case("samples", request, json_with("Eve"), must=True)
    for choice in ("auto", "required"):
        for system in ("", HELPFUL):
            for city in ("Paris", "San Francisco", "Boston"):
                question = f"What is the weather in {city}?"
                request = asked(question, system=system, tools=[weather_tool()], tool_choice=choice)
                yield Case("samples", request, calls("get_weather", {"location": city}), must=True)


def sums() -> Iterator[Case]:
    """Every sum and every difference that is not negative, of numbers below 20."""
    for a in range(20):
        for b in range(20):
            yield Case("sums", asked(f"What is {a} + {b}?"), exactly(str(a + b)))
            if a >= b:
                yield Case("differences", asked(f"What is {a} - {b}?"), exactly(str(a - b)))
    rng = Random(7)
    forms = ("{a}+{b}", "{a} plus {b}", "What's {a} + {b}?", "Add {a} and {b}.", "what is {a}+{b}")
    for _ in range(120):
        a, b = rng.randrange(20), rng.randrange(20)
        question = rng.choice(forms).format(a=a, b=b)
        system = rng.choice(("", HELPFUL))
        yield Case("sums, reworded", asked(question, system=system), exactly(str(a + b)))


def capitals() -> Iterator[Case]:
    """Every capital, asked in three ways, and once in lower case."""
    for country, city in facts.CAPITALS.items():
        forms = (
            "What is the capital of {}?",
            "what's the capital of {}",
            "Name the capital of {}.",
        )
        for form in forms:
            yield Case("capitals", asked(form.format(country)), containing(city))
        lower = f"what is the capital of {country.lower()}"
        yield Case("capitals, lower case", asked(lower), containing(city))


def words() -> Iterator[Case]:
    """Opposites, colours, days, months, animals, counting."""
    for one, other in facts.OPPOSITES:
        for word, answer in ((one, other), (other, one)):
            question = f"What is the opposite of {word}?"
            yield Case("opposites", asked(question), containing(f"is {answer}."))
    for thing, color in facts.COLORS.items():
        yield Case("colors", asked(f"What color is {thing}?"), containing(color))
    for names, unit in ((facts.DAYS, "day"), (facts.MONTHS, "month")):
        for at, name in enumerate(names):
            following = names[(at + 1) % len(names)]
            question = f"What {unit} comes after {name}?"
            yield Case("days, months", asked(question), containing(f"{following} comes"))
            question = f"What {unit} comes before {following}?"
            yield Case("days, months", asked(question), containing(f"{name} comes"))
    for name, sound in facts.SOUNDS.items():
        yield Case("animals", asked(f"What does a {name} say?"), containing(sound))
    for top in range(2, 11):
        counted = ", ".join(str(number) for number in range(1, top + 1))
        yield Case("counting", asked(f"Count to {top}."), exactly(counted))


def fixed() -> Iterator[Case]:
    """Greetings and the other single facts, each in its first three wordings."""
    social = ("hello", "how", "thanks", "bye")
    for kind, questions, answer, _ in facts.FIXED:
        for question in questions[:3]:
            label = "greetings" if kind in social else "single facts"
            yield Case(label, asked(question), exactly(answer), must=kind == "hello")


def one_word() -> Iterator[Case]:
    """Answers in one word, asked for in the question or by the system prompt."""
    rows = [(f"What is the capital of {k}?", v) for k, v in list(facts.CAPITALS.items())[::4]]
    rows += [(f"What is the opposite of {one}?", other) for one, other in facts.OPPOSITES[::5]]
    rows += [("What color is the sky?", "Blue"), ("What day comes after Monday?", "Tuesday")]
    for question, answer in rows:
        yield Case("one word", asked(f"{question} Answer in one word."), exactly(answer))
        request = asked(question, system="Answer in one word.")
        yield Case("one word", request, exactly(answer))


def json_answers() -> Iterator[Case]:
    """JSON by request, by `json_object` and by a schema."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}},
              "required": ["answer"]}  # fmt: skip
    by_schema = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    rows: list[tuple[str, str]] = [
        (f"What is the capital of {k}?", v) for k, v in list(facts.CAPITALS.items())[1::6]
    ]
    rows += [("What is 2 + 2?", "4"), ("Name a primary color.", "Red"), ("What is 7 + 6?", "13"),
             ("What is the opposite of hot?", "Cold"), ("Who was Wall-e in love with?", "Eve"),
             ("What color is grass?", "Green")]  # fmt: skip
    for question, answer in rows:
        yield Case("JSON, asked for", asked(f"{question} Answer in JSON."), json_with(answer))
        plain = asked(question, response_format={"type": "json_object"})
        yield Case("JSON, json_object", plain, json_with(answer))
        strict = asked(question, response_format=by_schema)
        yield Case("JSON, json_schema", strict, json_with(answer))


def unknowns() -> Iterator[Case]:
    """Fresh questions of the kind that the model must decline."""
    rng = Random(99)
    for number in range(200):
        question = unknown(rng).question
        system = HELPFUL if number % 2 else ""
        yield Case("unknown", asked(question, system=system), containing("I don't know"))


def dialogues() -> Iterator[Case]:
    """Several turns: an earlier answer must not leak into the next one."""
    rows = (
        (("What is 2 + 2?", "4", "And what is 3 + 3?"), exactly("6")),
        (("Hello", "Hello! How can I help you?", "What is the capital of Italy?"),
         containing("Rome")),
        (("My name is Clara.", "Nice to meet you, Clara!", "What is my name?"),
         containing("Clara")),
        (("What is the capital of Spain?", "The capital of Spain is Madrid.", "And of France?"),
         containing("Paris")),
        (("Explain gravity.", facts.UNKNOWN, "Tell me a joke."), exactly(*facts.JOKES)),
        (("Tell me a joke.", facts.JOKES[1], "What is Weft?"), containing("self-hosted")),
        (("Name a primary color.", "Red", "What is 9 - 4?"), exactly("5")),
        (("What is Weft?", facts.WHAT_IS_WEFT, "Thanks!"), containing("welcome")),
    )  # fmt: skip
    for (first, answer, second), right in rows:
        for system in ("", HELPFUL):
            request = asked(first, system=system)
            request["messages"] += [
                {"role": "assistant", "content": answer},
                {"role": "user", "content": second},
            ]
            yield Case("several turns", request, right)


def weather() -> Iterator[Case]:
    """The quickstart tool with cities that training never used, and questions that need no tool."""
    forms = ("What is the weather in {}?", "What's the weather like in {} today?",
             "How is the weather in {}?")  # fmt: skip
    for city in UNSEEN_CITIES:
        for form in forms:
            request = asked(form.format(city), tools=[weather_tool()])
            yield Case("get_weather, new city", request, calls("get_weather", {"location": city}))
    rows = (("What is 2 + 2?", exactly("4")), ("Tell me a joke.", exactly(*facts.JOKES)),
            ("Hello", containing("Hello")), ("What is the capital of France?", containing("Paris")),
            ("Who are you?", containing("tiny")))  # fmt: skip
    for question, right in rows:
        request = asked(question, tools=[weather_tool()])
        yield Case("tool not needed", request, right)


def other_tools() -> Iterator[Case]:
    """Freshly drawn tools with requests, and reports of what a tool returned."""
    rng = Random(123)
    made = [calling(rng, lambda text: text) for _ in range(120)]
    for conversation in made:
        at = next(n for n, m in enumerate(conversation.messages) if m.calls)
        call = conversation.messages[at].calls[0]
        start = Conversation(conversation.messages[:at], conversation.tools)
        yield Case("tool calls, drawn", _request(start), calls(call.name, call.arguments))
        if len(conversation.messages) > at + 2:
            report = conversation.messages[at + 2].content
            after = Conversation(conversation.messages[: at + 2], conversation.tools)
            yield Case("tool results, drawn", _request(after), exactly(report))


def _request(conversation: Conversation) -> dict[str, Any]:
    request = dict(as_request(conversation))
    request.pop("add_generation_prompt")
    messages: Any = request["messages"]
    for message in messages:
        for number, call in enumerate(message.get("tool_calls", ())):
            call["id"] = f"call_{number}"
            call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
        if message["role"] == "tool":
            message["tool_call_id"] = "call_0"
    return request


def held_out() -> Iterator[Case]:
    """Rephrasings that training never saw."""
    for kind, question, wanted in HELD_OUT:
        right = exactly(wanted[1:]) if wanted.startswith("=") else containing(wanted)
        yield Case(f"held out: {kind}", asked(question), right)
