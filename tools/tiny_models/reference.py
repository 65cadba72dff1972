"""What transformers says to the tiny checkpoints, for the tests to hold llama.cpp against.

    python -m tools.tiny_models --to DIR
    python -m tools.tiny_models.reference --checkpoints DIR --to tests/architectures/reference.json

Needs torch, transformers and accelerate, and so an environment of its own; imports nothing of this package that would
need more. For each checkpoint: the ids of a text, and for some of its beginnings the likeliest next tokens with their
log probabilities, computed with 32 bits. The model that sees is also asked about a picture.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoTokenizer, Llama4ForConditionalGeneration
from transformers.models.auto.modeling_auto import AutoModelForCausalLM

SENTENCE = "The loom stands by the window. It's 1250 metres, 今天的天气. Was für ein Tag! "
REPEATS = 12
BEGINNINGS = (1, 2, 7, 23, 64, 150, 230)
"""Beyond 128 for the sliding window of gpt-oss."""
FAR = {"phi-4-mini": 4200}
"""Beyond 4096 its rotation has other factors."""
TOP = 4
SIDE = 56


def main() -> None:
    """Ask each model and write down what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    said = {
        folder.name: reference(folder)
        for folder in sorted(options.checkpoints.iterdir())
        if folder.is_dir()
    }
    options.to.write_text(json.dumps(said, indent=None, separators=(",", ":")) + "\n")
    print(f"{options.to}: {', '.join(said)}")


def reference(folder: Path) -> dict[str, Any]:
    """What one model says."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer.encode(SENTENCE * REPEATS, add_special_tokens=False)[: max(BEGINNINGS)]
    sees = AutoConfig.from_pretrained(folder).model_type == "llama4"
    kind = Llama4ForConditionalGeneration if sees else AutoModelForCausalLM
    model = kind.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
        said: dict[str, Any] = {
            "ids": ids,
            "next": {count: likeliest(logits[count - 1]) for count in BEGINNINGS},
        }
        if folder.name in FAR:
            length = FAR[folder.name]
            again = (ids * (length // len(ids) + 1))[:length]
            logits = model(torch.tensor([again]), logits_to_keep=1).logits[0]
            said["far"] = {length: likeliest(logits[-1])}
        if sees:
            said["picture"] = about_a_picture(model, tokenizer)
    return said


def likeliest(logits: torch.Tensor) -> list[tuple[int, float]]:
    """Ids and log probabilities."""
    found = torch.log_softmax(logits.double(), -1).topk(TOP)
    return [
        (int(at), round(float(value), 5))
        for at, value in zip(found.indices, found.values, strict=True)
    ]


def about_a_picture(model: Any, tokenizer: Any) -> list[tuple[int, float]]:
    """The first token of the answer to a picture that looks different from each side.

    Without the `<|image|>` that transformers puts before the last tile: llama.cpp leaves it out where there is one.
    """
    text = (
        "<|begin_of_text|><|header_start|>user<|header_end|>\n\n"
        "<|image_start|><|patch|><|patch|><|patch|><|patch|><|image_end|>"
        "What is this?<|eot|><|header_start|>assistant<|header_end|>\n\n"
    )
    ids = tokenizer.encode(text, add_special_tokens=False)
    pixels = torch.tensor(picture(), dtype=torch.float32).permute(2, 0, 1) / 127.5 - 1
    answer = model(torch.tensor([ids]), pixel_values=pixels[None])
    return likeliest(answer.logits[0, -1])


def picture() -> list[list[list[int]]]:
    """Rows of pixels: red grows to the right, green downwards, and one corner is blue."""
    return [
        [[4 * x, 4 * y, 255 * (x < SIDE // 4 and y < SIDE // 4)] for x in range(SIDE)]
        for y in range(SIDE)
    ]


if __name__ == "__main__":
    main()
