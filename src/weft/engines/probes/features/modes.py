"""Probes of what only some models do: reasoning, vision.

What a card does not claim is tried all the same: it may be shown as "also works". Sources: the names of the fields are
those of llama.cpp, vLLM and DeepSeek (`reasoning_content`, `reasoning`, `chat_template_kwargs.enable_thinking`; read
2026-11); an image is OpenAI's `image_url` part with a data URL; PNG, second edition (W3C), for the image itself.
"""

import base64
import struct
import zlib

from weft.catalog.types import ReasoningPolicy
from weft.engines.probes.answers import Choice, Message
from weft.engines.probes.features.speaking import PASSED, SHORT_TOKENS, failed, unsure
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import Finding, Outcome, Refused
from weft.kit.errors import Json

REASONING_TOKENS = 512
MARKS = ("<think>", "</think>", "<|channel|>", "◁think▷", "[THINK]")
"""How families write their thoughts into the text, when nobody takes them out."""
LEAST_IMAGE_TOKENS = 4
"""What an image adds to a prompt at the least, wherever one is read."""
_SIDE = 64
_RED = b"\xd0\x20\x20"
_RIDDLE = "Think it over: what is 17 + 25? Answer with the number."
_NAMED = "What colour is this? "
_UNCOUNTED = "the engine does not count, so that nobody can tell whether it read the image"


async def probe_reasoning(talk: Talk) -> Finding:
    """Thoughts stand apart from the text, and the switch is honoured where the policy has one."""
    policy = talk.route.card.capabilities.reasoning
    if policy is ReasoningPolicy.NONE:
        return await _without_claim(talk)
    on: Json = {"enable_thinking": True}
    off: Json = {"enable_thinking": False}
    switches = {
        ReasoningPolicy.ALWAYS_ON: ((None, True),),
        ReasoningPolicy.ENABLED_BY_DEFAULT: ((None, True), (off, False)),
        ReasoningPolicy.DISABLED_BY_DEFAULT: ((None, False), (on, True)),
    }[policy]
    for switch, thinks in switches:
        choice = await _riddle(talk, switch)
        trouble = _thoughtless(choice, switch) if thinks else _thoughtful(choice, switch)
        if trouble is not None:
            return trouble
    return PASSED


async def _riddle(talk: Talk, switch: Json) -> Choice:
    told = await talk.whole(_RIDDLE, max_tokens=REASONING_TOKENS, chat_template_kwargs=switch)
    return told.first


async def _without_claim(talk: Talk) -> Finding:
    message = (await _riddle(talk, None)).message
    if _inlined(message):
        return failed("thoughts stand in the text")
    if message.thought:
        return PASSED
    return Finding(Outcome.UNSUPPORTED, "the model does not think before it answers")


def _thoughtless(choice: Choice, switch: Json) -> Finding | None:
    """What is wrong with an answer that had to be thought over."""
    if _inlined(choice.message):
        return failed("thoughts stand in the text")
    if choice.message.thought:
        return None
    if choice.finish_reason == "length":
        return unsure("the model did not come to an end, and did not think")
    return failed("the model does not think" + (" when it is told to" if switch else ""))


def _thoughtful(choice: Choice, switch: Json) -> Finding | None:
    """What is wrong with an answer that must not be thought over."""
    if choice.message.thought or _inlined(choice.message):
        told = "though it is told not to" if switch else "though nobody told it to"
        return failed(f"the model thinks {told}")
    return None


def _inlined(message: Message) -> bool:
    return any(mark in message.text for mark in MARKS)


async def probe_vision(talk: Talk) -> Finding:
    """An image is taken, and is more to read than the text alone; what is said of it is not judged."""
    without = await talk.whole(_NAMED, max_tokens=SHORT_TOKENS)
    try:
        seen = await talk.whole(_NAMED, messages=_with_image(), max_tokens=SHORT_TOKENS)
    except Refused as refused:
        # llama.cpp answers 500 where a model has no eyes, most others 400.
        return Finding(Outcome.UNSUPPORTED, f"an image is refused ({refused.status})")
    longer = await talk.whole(_NAMED * 4, max_tokens=SHORT_TOKENS)
    if seen.usage is None or without.usage is None or longer.usage is None:
        return unsure(_UNCOUNTED)
    base = without.usage.prompt_tokens
    if seen.usage.prompt_tokens >= base + LEAST_IMAGE_TOKENS:
        return PASSED
    if longer.usage.prompt_tokens < base + LEAST_IMAGE_TOKENS:
        return unsure(_UNCOUNTED)
    return failed("an image is taken and not read")


def _with_image() -> Json:
    url = "data:image/png;base64," + base64.b64encode(red_square()).decode()
    parts: Json = [
        {"type": "text", "text": _NAMED},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    return [{"role": "user", "content": parts}]


def red_square() -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + _RED * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
