"""Asks where limits are reached, with the older openai client and with LiteLLM; prints what each raised as JSON.

python limits_tour.py '[{"name": ..., "base_url": ..., "key": ..., "headers": {}, "fill": {} or null, "ask": {}}, ...]'
"""

import contextlib
import json
import sys
import time

import litellm
import openai

ATTEMPTS = 3


def with_openai(place, ask):
    with openai.OpenAI(
        base_url=place["base_url"],
        api_key=place["key"],
        default_headers=place["headers"],
        max_retries=0,
    ) as client:
        return client.chat.completions.create(**ask)


def with_litellm(place, ask):
    return litellm.completion(
        **{**ask, "model": "wandb/" + ask["model"]},
        api_base=place["base_url"],
        api_key=place["key"],
        extra_headers=place["headers"],
        num_retries=0,
        max_retries=0,
    )


def refusal(place, ask, way):
    """What is raised; asked again where the minute turned before the limit was reached in it."""
    for _ in range(ATTEMPTS):
        minute = time.time() // 60
        if place["fill"]:
            with contextlib.suppress(openai.APIStatusError):  # it is reached already
                with_openai(place, place["fill"])
        try:
            way(place, ask)
        except Exception as error:  # noqa: BLE001 - what it raises is the question
            return error
        if time.time() // 60 == minute:
            break
    sys.exit(f"{place['name']} was let through")


def told(error):
    return [type(error).__name__, getattr(error, "status_code", 0), str(error)]


def main():
    litellm.suppress_debug_info = True
    refusals = {}
    for place in json.loads(sys.argv[1]):
        whole, stream = place["ask"], {**place["ask"], "stream": True}
        refusals[place["name"]] = {
            client: {
                "whole": told(refusal(place, whole, way)),
                "stream": told(refusal(place, stream, way)),
            }
            for client, way in (("openai", with_openai), ("litellm", with_litellm))
        }
        refusals[place["name"]]["openai"]["code"] = refusal(place, whole, with_openai).code
    versions = {"openai": openai.__version__}
    sys.stdout.write(json.dumps({"versions": versions, "refusals": refusals}))


main()
