"""A walk through the LiteLLM SDK with `wandb/<model>`; prints what it saw as JSON.

WANDB_API_BASE and WANDB_API_KEY say where; python litellm_tour.py MODEL TEAM/PROJECT [SAMPLE.py ...]

The samples are programs that are run as they are; what they print counts as seen.
"""

import asyncio
import contextlib
import io
import json
import runpy
import sys
from pathlib import Path

import litellm
from litellm import acompletion, completion

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]
WEATHER = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string"}},
                "required": ["location"],
            },
        },
    }
]
EVERY_PARAMETER = {
    "frequency_penalty": 0.1,
    "presence_penalty": 0.1,
    "logit_bias": {"5": -1},
    "logprobs": True,
    "top_logprobs": 2,
    "max_tokens": 20,
    "n": 1,
    "seed": 1,
    "stop": ["@@@"],
    "temperature": 0,
    "top_p": 0.5,
    "user": "ada",
}


def whole(model, place):
    answer = completion(model=model, messages=QUESTION, max_completion_tokens=20, temperature=0)
    return {
        "text": answer.choices[0].message.content,
        "usage": answer.usage.model_dump(
            include={"prompt_tokens", "completion_tokens", "total_tokens"}
        ),
    }


def stream(model, place):
    chunks = list(
        completion(model=model, messages=QUESTION, max_tokens=20, temperature=0, stream=True)
    )
    return {"text": "".join(chunk.choices[0].delta.content or "" for chunk in chunks)}


def every_parameter(model, place):
    answer = completion(model=model, messages=QUESTION, **EVERY_PARAMETER)
    choice = answer.choices[0]
    return {"text": choice.message.content, "logprobs": len(choice.logprobs.content)}


def tools(model, place):
    answer = completion(
        model=model,
        messages=WEATHER,
        tools=TOOLS,
        tool_choice="required",
        max_tokens=60,
        temperature=0,
    )
    (call,) = answer.choices[0].message.tool_calls
    return {"name": call.function.name, "arguments": call.function.arguments}


def project(model, place):
    """The header in small letters, as LiteLLM's page has it."""
    answer = completion(
        model=model,
        messages=QUESTION,
        max_tokens=20,
        temperature=0,
        extra_headers={"openai-project": place},
    )
    return {"text": answer.choices[0].message.content}


async def asynchronous(model):
    answer = await acompletion(model=model, messages=QUESTION, max_tokens=20, temperature=0)
    stream = await acompletion(
        model=model, messages=QUESTION, max_tokens=20, temperature=0, stream=True
    )
    streamed = [chunk.choices[0].delta.content or "" async for chunk in stream]
    return {"text": answer.choices[0].message.content, "streamed": "".join(streamed)}


def errors(model, place):
    attempts = {
        "key": {"api_key": "no-key-of-this-server"},
        "project": {"extra_headers": {"openai-project": "nobody/nothing"}},
        "model": {"model": "wandb/nobody/nothing"},
        "value": {"max_tokens": -1},
        "context": {
            "model": "wandb/test/short",
            "messages": [{"role": "user", "content": "word " * 20}],
        },
        "parameter": {"model": "wandb/test/thinker", "logprobs": True},
        "busy": {
            "messages": [{"role": "user", "content": "[[fake: fail_status=503]] x"}],
            "model": "wandb/test/echo",
        },
        "engine": {
            "messages": [{"role": "user", "content": "[[fake: fail_status=500]] x"}],
            "model": "wandb/test/echo",
        },
    }
    seen = {}
    for name, changes in attempts.items():
        try:
            completion(
                **{
                    "model": model,
                    "messages": QUESTION,
                    "num_retries": 0,
                    "max_retries": 0,
                    **changes,
                }
            )
        except litellm.exceptions.APIError as error:  # also what it has no class for
            seen[name] = [type(error).__name__, error.status_code, str(error)]
        except Exception as error:  # noqa: BLE001 - what it raises is the question
            seen[name] = [type(error).__name__, getattr(error, "status_code", 0), str(error)]
    return seen


def printed_by(sample):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(sample, run_name="__main__")
    return out.getvalue()


STEPS = (whole, stream, every_parameter, tools, project, errors)


def main():
    model, place, *samples = sys.argv[1:]
    model = "wandb/" + model
    litellm.suppress_debug_info = True
    seen = {step.__name__: step(model, place) for step in STEPS}
    seen["asynchronous"] = asyncio.run(asynchronous(model))
    seen["samples"] = {Path(path).stem: printed_by(path) for path in samples}
    sys.stdout.write(json.dumps(seen))


main()
