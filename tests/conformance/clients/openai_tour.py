"""A walk through the OpenAI client for Python, with only base URL and key given; prints what it saw as JSON.

python openai_tour.py BASE_URL KEY MODEL
"""

import asyncio
import json
import sys

import openai
from pydantic import BaseModel

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]
WEATHER = [{"role": "user", "content": "What is the weather in Paris?"}]
GET_WEATHER = {
    "name": "get_weather",
    "description": "Get the weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
        "additionalProperties": False,
    },
}
TOOLS = [{"type": "function", "function": GET_WEATHER}]


class Capital(BaseModel):
    answer: str


def models(client, model):
    page = client.models.list()
    one = client.models.retrieve(model)
    return {"listed": [row.id for row in page.data], "one": one.model_dump()}


def whole(client, model):
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=QUESTION, max_tokens=40, temperature=0
    )
    completion = raw.parse()
    return {
        "completion": completion.model_dump(),
        "request_id": completion._request_id,
        "header": raw.headers.get("x-request-id"),
        "retries": raw.retries_taken,
    }


def stream(client, model):
    text, usages, finish = "", [], []
    for chunk in client.chat.completions.create(
        model=model, messages=QUESTION, max_tokens=40, temperature=0, stream=True
    ):
        assert chunk.choices, "nobody asked for the usage"
        text += chunk.choices[0].delta.content or ""
        finish.append(chunk.choices[0].finish_reason)
        usages.append(chunk.usage)
    return {"text": text, "usages": usages, "finish": [f for f in finish if f]}


def stream_with_usage(client, model):
    chunks = list(
        client.chat.completions.create(
            model=model,
            messages=QUESTION,
            max_tokens=40,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    return {
        "with_usage": [n for n, chunk in enumerate(chunks) if chunk.usage] == [len(chunks) - 1],
        "last_choices": chunks[-1].choices,
        "usage": chunks[-1].usage.model_dump(),
    }


def stream_events(client, model):
    with client.chat.completions.stream(
        model=model,
        messages=WEATHER,
        max_tokens=60,
        temperature=0,
        tools=TOOLS,
        tool_choice="required",
    ) as events:
        kinds = {event.type for event in events}
        final = events.get_final_completion()
    (call,) = final.choices[0].message.tool_calls
    return {
        "kinds": sorted(kinds),
        "name": call.function.name,
        "arguments": call.function.arguments,
    }


def tools(client, model):
    completion = client.chat.completions.create(
        model=model,
        messages=WEATHER,
        max_tokens=60,
        temperature=0,
        tools=TOOLS,
        tool_choice="required",
    )
    choice = completion.choices[0]
    (call,) = choice.message.tool_calls
    answer = client.chat.completions.create(
        model=model,
        messages=[
            *WEATHER,
            choice.message,
            {"role": "tool", "tool_call_id": call.id, "content": "sunny, 21 C"},
        ],
        max_tokens=60,
        temperature=0,
        tools=TOOLS,
        tool_choice="none",
    )
    return {
        "finish": choice.finish_reason,
        "name": call.function.name,
        "arguments": call.function.arguments,
        "answer": answer.choices[0].message.content,
    }


def functions(client, model):
    choice = client.chat.completions.create(
        model=model,
        messages=WEATHER,
        max_tokens=60,
        temperature=0,
        functions=[GET_WEATHER],
        function_call={"name": "get_weather"},
    ).choices[0]
    call = choice.message.function_call
    return {"finish": choice.finish_reason, "name": call.name, "arguments": call.arguments}


def parse(client, model):
    completion = client.chat.completions.parse(
        model=model,
        messages=[{"role": "user", "content": "What is the capital of France?"}],
        max_tokens=60,
        temperature=0,
        response_format=Capital,
    )
    return {"answer": completion.choices[0].message.parsed.answer}


def choices(client, model):
    completion = client.chat.completions.create(
        model=model, messages=QUESTION, max_tokens=40, temperature=0, n=3
    )
    return {
        "indices": [choice.index for choice in completion.choices],
        "texts": [choice.message.content for choice in completion.choices],
        "usage": completion.usage.model_dump(),
    }


def errors(client, model):
    stranger = client.with_options(api_key="no-key-of-this-server")
    attempts = {
        "key": stranger.models.list,
        "model": lambda: client.chat.completions.create(model="nobody/nothing", messages=QUESTION),
        "value": lambda: client.chat.completions.create(
            model=model, messages=QUESTION, temperature=3
        ),
        "path": lambda: client.images.generate(model=model, prompt="x"),
    }
    seen = {}
    for name, attempt in attempts.items():
        try:
            attempt()
        except openai.APIStatusError as error:
            seen[name] = [
                type(error).__name__,
                error.status_code,
                error.code,
                bool(error.request_id),
            ]
    return seen


def unretried(client, model):
    """A 429 that waiting does not mend, to a client that tries up to three times."""
    try:
        client.with_options(project="admin/inference").chat.completions.create(
            model=model, messages=QUESTION
        )
    except openai.APIStatusError as error:
        requests = 1 + int(error.response.request.headers["x-stainless-retry-count"])
        return {
            "requests": requests,
            "error": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
        }
    return {}


def broken(client, model):
    """An engine that fails in the middle of a stream."""
    stream = client.chat.completions.create(
        model="test/echo",
        messages=[{"role": "user", "content": "[[fake: error_after=2]] one two three"}],
        stream=True,
    )
    text = ""
    try:
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        return {
            "text": text,
            "error": type(error).__name__,
            "code": error.code,
            "message": error.message,
        }
    return {"text": text}


async def asynchronous(base_url, key, model):
    async with openai.AsyncOpenAI(base_url=base_url, api_key=key) as client:
        whole, chunks = await asyncio.gather(
            client.chat.completions.create(
                model=model, messages=QUESTION, max_tokens=40, temperature=0
            ),
            client.chat.completions.create(
                model=model, messages=QUESTION, max_tokens=40, temperature=0, stream=True
            ),
        )
        streamed = [chunk.choices[0].delta.content or "" async for chunk in chunks]
        models = [row.id async for row in client.models.list()]
    return {
        "text": whole.choices[0].message.content,
        "streamed": "".join(streamed),
        "models": models,
    }


STEPS = (
    models,
    whole,
    stream,
    stream_with_usage,
    stream_events,
    tools,
    functions,
    parse,
    choices,
    errors,
    unretried,
    broken,
)


def main():
    base_url, key, model = sys.argv[1:]
    with openai.OpenAI(base_url=base_url, api_key=key) as client:
        seen = {step.__name__: step(client, model) for step in STEPS}
    seen["asynchronous"] = asyncio.run(asynchronous(base_url, key, model))
    seen["version"] = openai.__version__
    sys.stdout.write(json.dumps(seen))


main()
