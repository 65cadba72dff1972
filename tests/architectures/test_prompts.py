"""What a model reads: llama.cpp splits text into the same tokens, and renders the same prompts, as transformers."""

# ruff: noqa: RUF001 - other scripts are what it is about.

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.make import Checkpoint
from transformers import PreTrainedTokenizerFast

from architectures.bare import Bare
from architectures.conversations import CONVERSATIONS


class Tokenizer(Protocol):
    """`PreTrainedTokenizerFast`, as far as it is used here; its own types are partly unknown."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]: ...

    def apply_chat_template(
        self,
        conversation: list[dict[str, Any]],
        *,
        tools: list[dict[str, Any]] | None,
        add_generation_prompt: bool,
        tokenize: bool,
        **switches: object,
    ) -> str: ...


Tokenizers = Callable[[str], Tokenizer]

TEXTS = {
    "prose": "It's late, and they'll say \"I've known\"; don't, SHE'D'VE.",
    "numbers": "1 12 123 1234 12345678 3.14159 1,250 2024-03-14 ٣٤٥ ½",
    "code": "def f(x):\n    return x**2  # HTTPServer.isLoose\n\n\n\tpass\r\n\r\nif a/b//c: {}[]();\n",
    "spaces": "  two   three\n \n  \t tab  \n\n\n   end   ",
    "han": "今天的天气很好，我们去公园吧2024年。漢字とかな交じりの文。",
    "scripts": "Où Maß Привет Việt שלום 오늘은 Ångström ŒUVRE ǅ",
    "marks": "नमस्ते สวัสดี",
    "symbols": "a→b ≠ c €5 ✓ 👍🏽 (x)/[y] --- ... !?!? <tag/> $HOME &amp; #1 @you ~^`|",
    "case": "camelCaseWords HTTPServer iPhone XMLHttpRequest ABCdef aB'S x'LL",
}
CUTS_AT_MARKS = pytest.mark.xfail(
    reason="llama.cpp b11549 ends a word at a combining mark where the published rule goes on"
)
CUT_AT_MARKS = {
    (family, "marks") for family in ("gpt-oss", "kimi-k2", "llama-4-scout", "phi-4-mini")
}


@pytest.fixture(scope="session")
def tokenizer(checkpoint: Callable[[str], Checkpoint]) -> Tokenizers:
    """As transformers loads it from the checkpoint's folder."""
    made: dict[str, Tokenizer] = {}
    load: Callable[[Path], Tokenizer] = PreTrainedTokenizerFast.from_pretrained

    def of(family: str) -> Tokenizer:
        if family not in made:
            made[family] = load(checkpoint(family).hf)
        return made[family]

    return of


def splits() -> list[Any]:
    """Each text for each family."""
    pairs = [(family, text) for family in FAMILIES for text in TEXTS]
    return [
        pytest.param(*pair, marks=CUTS_AT_MARKS if pair in CUT_AT_MARKS else ()) for pair in pairs
    ]


@pytest.mark.parametrize(("family", "text"), splits())
def test_text_when_tokenized_then_llama_cpp_splits_it_as_transformers_does(
    bare: Callable[[str], Bare], tokenizer: Tokenizers, family: str, text: str
) -> None:
    expected = tokenizer(family).encode(TEXTS[text], add_special_tokens=False)
    assert bare(family).tokenize(TEXTS[text]) == expected


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversation_when_rendered_then_llama_cpp_writes_what_transformers_does(
    bare: Callable[[str], Bare], tokenizer: Tokenizers, family: str, name: str
) -> None:
    conversation = CONVERSATIONS[name]
    switches = {"date_string": "14 March 2024", **conversation.switches}
    tools = list(conversation.tools) or None
    expected = tokenizer(family).apply_chat_template(
        list(conversation.messages),
        tools=tools,
        add_generation_prompt=True,
        tokenize=False,
        **switches,
    )
    shape = FAMILIES[family].shape
    if shape.adds_bos:  # llama.cpp takes it off again, for it adds the token itself
        expected = expected.removeprefix(shape.bos)
    assert bare(family).render(conversation.for_the_engine(), tools, switches) == expected
