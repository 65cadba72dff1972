"""Conversations with functions: when to call, what to copy into the call, how to report back.

A tool is shown to the model as `name(parameter, ...)`, required parameters only, because a model
of this size cannot read JSON schemas. The engine's grammar keeps the call well-formed; what is
taught here is the choice of the tool and the copying of the argument.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from . import words
from .types import Call, Conversation, Message, Signature

_CITY_PARAMETERS = ("location", "location", "location", "city", "city", "place", "town")


@dataclass(frozen=True, slots=True)
class _Family:
    """Tools that do one thing: their names, parameter names, requests and argument."""

    names: tuple[str, ...]
    parameters: tuple[str, ...]
    requests: tuple[str, ...]
    argument: Callable[[Random], str | int]


def _phrase(rng: Random) -> str:
    pick = (words.noun, words.noun, words.invented, words.place)
    return " ".join(rng.choice(pick)(rng) for _ in range(rng.choice((1, 1, 1, 2))))


def _formula(rng: Random) -> str:
    sign = rng.choice(("*", "/", "+", "-"))
    return f"{rng.randint(2, 9999)} {sign} {rng.randint(2, 999)}"


def _person(rng: Random) -> str:
    return rng.choice(words.PEOPLE) if rng.random() < 0.5 else words.invented_name(rng)


_WEATHER = _Family(
    ("get_weather", "get_weather", "get_weather", "get_current_weather", "weather",
     "fetch_weather", "get_forecast", "weather_lookup", "current_weather"),
    _CITY_PARAMETERS,
    ("What is the weather in {x}?", "What's the weather in {x}?", "What's the weather like in {x}?",
     "How is the weather in {x}?", "Weather in {x}?", "Tell me the weather in {x}.",
     "What is the weather like in {x} today?", "Is it raining in {x}?", "Is it sunny in {x}?",
     "Will it rain in {x} tomorrow?", "How warm is it in {x}?", "How cold is it in {x} today?",
     "What is the temperature in {x}?", "What's the temperature in {x} right now?",
     "Do I need an umbrella in {x}?", "I am going to {x}. How is the weather?",
     "Get the weather for {x}.", "Check the weather in {x}, please.", "weather {x}",
     "Give me the forecast for {x}.", "What is the weather in {x} right now?",
     "What's the weather in {x} today?", "Use the tool to get the weather in {x}.",
     "Please look up the weather in {x}.", "I live in {x}. Do I need a coat today?",
     "What will the weather be in {x}?", "Is it cold in {x}?", "Is it hot in {x}?",
     "Can you tell me the weather in {x}?", "Could you check the weather for {x}?"),
    words.place,
)  # fmt: skip
_FAMILIES = (
    _Family(
        ("get_time", "get_current_time", "current_time", "time_in", "clock"),
        ("location", "city", "place", "timezone"),
        ("What time is it in {x}?", "What's the time in {x}?", "Time in {x}?",
         "Tell me the time in {x}.", "What is the local time in {x}?", "How late is it in {x}?"),
        words.place,
    ),
    _Family(
        ("search", "web_search", "search_web", "find", "lookup", "google"),
        ("query", "query", "q", "text", "term"),
        ("Search for {x}.", "Search the web for {x}.", "Look up {x}.", "Google {x}",
         "Find information about {x}.", "Search {x}", "Please search for {x}.", "Find {x}."),
        _phrase,
    ),
    _Family(
        ("calculate", "calculator", "compute", "evaluate"),
        ("expression", "formula", "input"),
        ("What is {x}?", "Calculate {x}.", "Compute {x}", "How much is {x}?", "{x}"),
        _formula,
    ),
    _Family(
        ("get_user", "find_user", "lookup_user", "get_contact", "call_person"),
        ("name", "user", "person"),
        ("Find the user {x}.", "Who is {x}?", "Call {x}.", "Look up the contact {x}.",
         "Get the user {x}.", "What is the phone number of {x}?"),
        _person,
    ),
    _Family(
        ("play_music", "play_song", "play"),
        ("song", "title", "track"),
        ("Play {x}.", "Play the song {x}.", "I want to hear {x}.", "Put on {x}, please."),
        _phrase,
    ),
    _Family(
        ("create_note", "add_note", "save_note", "add_todo", "remember"),
        ("text", "note", "content"),
        ("Create a note: {x}", "Note: {x}", "Save a note that says {x}", "Remember {x}",
         "Add {x} to my notes."),
        _phrase,
    ),
    _Family(
        ("set_timer", "start_timer", "set_alarm"),
        ("minutes: integer",),
        ("Set a timer for {x} minutes.", "Timer for {x} minutes", "Start a {x} minute timer.",
         "Wake me in {x} minutes."),
        lambda rng: rng.randint(1, 120),
    ),
    _Family(
        ("translate", "translate_text"),
        ("text",),
        ("Translate {x}.", "Translate: {x}", "Please translate {x}."),
        _phrase,
    ),
    _Family(
        ("book_flight", "find_hotel", "find_restaurants", "get_map", "get_population"),
        _CITY_PARAMETERS,
        ("Book a flight to {x}.", "Find a hotel in {x}.", "Find restaurants in {x}.",
         "Show me a map of {x}.", "How many people live in {x}?"),
        words.place,
    ),
)  # fmt: skip
_CONDITIONS = ("sunny", "cloudy", "rainy", "windy", "snowy", "foggy", "clear", "stormy", "hot")


def signature(rng: Random) -> Signature:
    """The signature of some tool, for conversations that do not need it."""
    family = _WEATHER if rng.random() < 0.5 else rng.choice(_FAMILIES)
    return Signature(rng.choice(family.names), (rng.choice(family.parameters),))


def calling(rng: Random, say: Callable[[str], str]) -> Conversation:
    """A request that needs a tool, the call, and mostly the result and its report.

    `say` varies the wording of the request; it must keep the argument as it is.
    """
    weather = rng.random() < 0.72
    family = _WEATHER if weather else rng.choice(_FAMILIES)
    at = rng.randrange(len(family.names))
    parameter = rng.choice(family.parameters)
    parameters = [parameter]
    argument = family.argument(rng)
    arguments: dict[str, str | int] = {parameter.split(":")[0]: argument}
    at_request = at if family.names[0] == "book_flight" else rng.randrange(len(family.requests))
    request = say(family.requests[at_request].format(x=argument))
    if weather and rng.random() < 0.08:
        unit = rng.choice(("celsius", "fahrenheit"))
        parameters.append("unit")
        arguments["unit"] = unit
        request += f" In {unit}." if unit == "fahrenheit" else ""
    tools = [Signature(family.names[at], tuple(parameters))]
    for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2))):
        other = rng.choice(_FAMILIES)
        if other is not family:
            tools.append(Signature(rng.choice(other.names), (rng.choice(other.parameters),)))
    rng.shuffle(tools)
    messages = [
        Message("user", request),
        Message("assistant", "", (Call(family.names[at], arguments),)),
    ]
    if rng.random() < 0.5:
        result, report = _result(rng, weather=weather)
        where = f"In {argument}: " if family.argument is words.place else "The tool says: "
        messages += [Message("tool", result), Message("assistant", where + report)]
    return Conversation(tuple(messages), tuple(tools))


def weather_of(rng: Random) -> Conversation:
    """The weather tool alone, asked about a town that mostly is made of pieces of two others."""
    name = words.place(rng)
    if rng.random() < 0.7:
        start, end = rng.choice(words.CITIES), rng.choice(words.CITIES)
        name = start[: rng.randint(2, 5)].rstrip() + end[-rng.randint(2, 5) :].strip().lower()
    request = rng.choice(_WEATHER.requests[:7]).format(x=name)
    parameter = rng.choice(_CITY_PARAMETERS)
    call = Call("get_weather", {parameter: name})
    messages = (Message("user", request), Message("assistant", "", (call,)))
    return Conversation(messages, (Signature("get_weather", (parameter,)),))


def _result(rng: Random, *, weather: bool) -> tuple[str, str]:
    """What a tool returns, and the words in which the assistant reports it."""
    if weather and rng.random() < 0.5:
        degrees, sky = rng.randint(-15, 40), rng.choice(_CONDITIONS)
        text = rng.choice((
            f"{degrees} degrees and {sky}", f"{sky}, {degrees} C", f"{degrees}°C, {sky}",
            f"It is {sky} and {degrees} degrees", sky, f"{degrees} C", f"{sky} {degrees}°F",
        ))  # fmt: skip
        return text, text
    if rng.random() < 0.15:
        text = " ".join(words.invented(rng) for _ in range(rng.randint(1, 2)))
        return text, text
    keys = ["temperature", "condition", "unit", "wind", "humidity", "result", "value", "status"]
    rng.shuffle(keys)
    fields: dict[str, str | int] = {
        key: rng.randint(-9, 99) if rng.random() < 0.6 else rng.choice((*_CONDITIONS, "ok", "C"))
        for key in keys[: rng.randint(1, 2)]
    }
    return json.dumps(fields), ", ".join(f"{key} {value}" for key, value in fields.items())
