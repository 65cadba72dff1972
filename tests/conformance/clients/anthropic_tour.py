"""What Anthropic's own client sees of a server, as JSON: messages whole and streamed, tools, thoughts, counts, errors.

python anthropic_tour.py MODEL THINKER DOWN
"""

import json
import os
import sys

import anthropic

TOOL = {
    "name": "get_weather",
    "description": "The weather at a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}
DOCUMENT = {"type": "document", "source": {"type": "text", "data": "x"}}
WHAT = "What is 2 + 2?"


def said(text):
    return [{"role": "user", "content": text}]


def told(message):
    return {**message.to_dict(), "request_id": message._request_id}


def streamed(client, **asked):
    """The final message, and the types of its events."""
    with client.messages.stream(**asked) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    return {"kinds": kinds, "message": {**message.to_dict(), "request_id": stream.request_id}}


def refused(ask):
    """What is raised."""
    try:
        ask()
    except anthropic.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "body": error.body,
            "request_id": error.request_id,
        }
    return None


def broken(client, model):
    """What a stream raises in its middle."""
    text = "[[fake: truncate_after=1]] one two three"
    try:
        for _ in client.messages.create(
            model=model, max_tokens=50, messages=said(text), stream=True
        ):
            pass
    except anthropic.APIStatusError as error:
        return {"class": type(error).__name__, "body": error.body}
    return None


def tools(client, model):
    """A call, and what comes of its result."""
    asked = {"model": model, "max_tokens": 60, "tools": [TOOL]}
    call = {**asked, "tool_choice": {"type": "tool", "name": "get_weather"}}
    first = client.messages.create(**call, messages=said("location=Rome"))
    (use,) = first.content
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "sunny"}
    answer = client.messages.create(
        **asked,
        messages=[
            *said("location=Rome"),
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": [result, {"type": "text", "text": "so what"}]},
        ],
    )
    return {
        "call": told(first),
        "streamed": streamed(client, **call, messages=said("location=Rome")),
        "answer": told(answer),
    }


def main():
    model, thinker, down = sys.argv[1:]
    url, key = os.environ["WEFT_URL"].removesuffix("/v1"), os.environ["WEFT_KEY"]
    plain = {"model": model, "max_tokens": 50, "messages": said(WHAT)}
    plain["extra_body"] = {"temperature": 0}
    thinks = {**plain, "model": thinker}
    budget = {"type": "enabled", "budget_tokens": 1024}
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        bearer = anthropic.Anthropic(base_url=url, auth_token=key, max_retries=0)
        stranger = client.with_options(api_key="nobody")
        create = client.messages.create
        seen = {
            "whole": told(create(**plain)),
            "stream": streamed(client, **plain),
            "bearer": told(bearer.messages.create(**plain)),
            "system": told(create(**plain, system="You are terse.")),
            "short": told(create(**{**plain, "max_tokens": 1})),
            "hidden": told(create(**thinks)),
            "thinking": told(create(**thinks, thinking=budget)),
            "thinking stream": streamed(client, **thinks, thinking=budget),
            "tools": tools(client, "test/echo"),
            "count": client.messages.count_tokens(model=model, messages=said(WHAT)).input_tokens,
            "beta": client.beta.messages.create(**plain, betas=["x-2026-01-01"]).to_dict(),
            "errors": {
                "stranger": refused(lambda: stranger.messages.create(**plain)),
                "no model": refused(lambda: create(**{**plain, "model": "nobody/nothing"})),
                "top_p": refused(lambda: create(**{**plain, "extra_body": {"top_p": 7}})),
                "document": refused(lambda: create(**{**plain, "messages": said([DOCUMENT])})),
                "thinking": refused(lambda: create(**plain, thinking=budget)),
                "down": refused(lambda: create(**{**plain, "model": down})),
            },
            "broken": broken(client, "test/echo"),
        }
    sys.stdout.write(json.dumps(seen, default=str))


main()
