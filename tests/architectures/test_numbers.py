"""llama.cpp computes with a converted checkpoint what transformers computes with the published form of it.

`reference.json` was written by `tools/tiny_models/reference.py` with torch: log probabilities of the likeliest next
tokens after beginnings of one text, with 32 bits. llama.cpp rounds what goes into a matrix to 16 bits, and to 8 where
the matrix is MXFP4. A wrong layout, a missing key or another rotation shifts them by far more than `TOLERANCE`.
"""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.make import Checkpoint

from architectures.bare import Bare, running_llama_cpp

REFERENCE: dict[str, Any] = json.loads(Path(__file__).with_name("reference.json").read_text())
TOLERANCE = {"gpt-oss": 0.06}
"""What MXFP4 costs; the others are off by a few thousandths."""
USUAL_TOLERANCE = 0.015
PICTURE_TOLERANCE = 0.05
SEES = "llama-4-scout"
SIDE = 56


def beginnings() -> list[Any]:
    """Each family with each number of tokens."""
    return [
        pytest.param(family, count) for family in FAMILIES for count in REFERENCE[family]["next"]
    ]


@pytest.mark.parametrize(("family", "count"), beginnings())
def test_next_token_when_asked_of_llama_cpp_then_it_is_as_likely_as_transformers_says(
    bare: Callable[[str], Bare], family: str, count: str
) -> None:
    said = REFERENCE[family]
    answer = bare(family).post(
        "/completion",
        prompt=said["ids"][: int(count)],
        n_predict=1,
        n_probs=50,
        # Its figures are those from before this; what it writes has to be a whole character.
        logit_bias=[["a", 1000]],
    )
    found = answer["completion_probabilities"][0]["top_logprobs"]
    tolerance = TOLERANCE.get(family, USUAL_TOLERANCE)
    assert_alike(found, said["next"][count], tolerance)


def test_next_token_when_the_context_is_long_then_phi_rotates_by_its_other_factors(
    checkpoint: Callable[[str], Checkpoint],
) -> None:
    said = REFERENCE["phi-4-mini"]
    (count, expected), *_ = said["far"].items()
    ids = (said["ids"] * (int(count) // len(said["ids"]) + 1))[: int(count)]
    with running_llama_cpp(checkpoint("phi-4-mini").gguf, context_tokens=8192) as bare:
        answer = bare.post(
            "/completion", prompt=ids, n_predict=1, n_probs=50, logit_bias=[["a", 1000]]
        )
    found = answer["completion_probabilities"][0]["top_logprobs"]
    assert_alike(found, expected, USUAL_TOLERANCE)


def test_picture_when_asked_about_then_llama_cpp_sees_what_transformers_sees(
    checkpoint: Callable[[str], Checkpoint],
) -> None:
    files = checkpoint(SEES)
    content = [
        {"type": "image_url", "image_url": {"url": picture()}},
        {"type": "text", "text": "What is this?"},
    ]
    with running_llama_cpp(files.gguf, mmproj=files.mmproj) as bare:
        answer = bare.post(
            "/v1/chat/completions",
            messages=[{"role": "user", "content": content}],
            max_tokens=1,
            temperature=0,
            logprobs=True,
            top_logprobs=20,
        )
    found = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    assert_alike(found, REFERENCE[SEES]["picture"], PICTURE_TOLERANCE)


def assert_alike(
    found: list[dict[str, Any]], expected: list[tuple[int, float]], tolerance: float
) -> None:
    logprobs = {token["id"]: token["logprob"] for token in found}
    assert {token: logprobs.get(token) for token, _ in expected} == {
        token: pytest.approx(logprob, abs=tolerance) for token, logprob in expected
    }


def picture() -> str:
    """As `tools/tiny_models/reference.py` draws it: no side looks like another."""
    image = Image.new("RGB", (SIDE, SIDE))
    for x in range(SIDE):
        for y in range(SIDE):
            blue = 255 if x < SIDE // 4 and y < SIDE // 4 else 0
            image.putpixel((x, y), (4 * x, 4 * y, blue))
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
