"""Probes of how an answer is spoken: stream, n, seed, stop, logprobs.

Each asks for a few tokens and looks at form, not at sense: a model that babbles passes as well as one that counts.
Sources: OpenAI's API reference, create chat completion (read 2026-11).
"""

import math
import re

from weft.engines.probes.answers import Alternative, Choice, Logprobs, TokenLogprob, Whole
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import Finding, Outcome
from weft.kit.errors import Json

COUNT = "Count from 1 to 10."
JOKE = "Tell me a joke."
SHORT_TOKENS = 8
LONG_TOKENS = 32
_SHORT_CHARS = 12
_SEEDS = (7, 13, 22)
_SEED_TRIES = 2
_TOP = 3
_SUM_SPARE = 1e-3
"""Probabilities come rounded."""
_WORD = re.compile(r"[A-Za-z0-9]{2,}")

PASSED = Finding(Outcome.PASSED)


def failed(detail: str) -> Finding:
    """The engine did something else."""
    return Finding(Outcome.FAILED, detail)


def unsure(detail: str) -> Finding:
    """There was nothing to judge by."""
    return Finding(Outcome.UNKNOWN, detail)


async def probe_stream(talk: Talk) -> Finding:
    """An answer comes in several pieces, with an end."""
    told = await talk.streamed(COUNT, max_tokens=LONG_TOKENS)
    choice = told.whole.first
    said = choice.message.thought + choice.message.text
    if not told.is_ended or choice.finish_reason is None:
        return failed("the stream has no end")
    if told.pieces >= 2:
        return PASSED
    if len(said) < _SHORT_CHARS:
        return unsure("the answer was too short to come in pieces")
    return failed("the whole answer comes in one piece")


async def probe_n(talk: Talk) -> Finding:
    """Two choices are two choices, in one piece and as a stream."""
    wishes = {"n": 2, "max_tokens": SHORT_TOKENS, "temperature": 1}
    whole = await talk.whole(COUNT, **wishes)
    streamed = await talk.streamed(COUNT, **wishes)
    return _two(whole, "") or _two(streamed.whole, " in a stream") or PASSED


def _two(whole: Whole, where: str) -> Finding | None:
    indexes = [choice.index for choice in whole.choices]
    if sorted(indexes) != [0, 1]:
        return failed(f"n = 2 gives the choices {indexes}{where}")
    if any(choice.finish_reason is None for choice in whole.choices):
        return failed(f"a choice of two has no end{where}")
    return None


async def probe_seed(talk: Talk) -> Finding:
    """The same seed gives the same text, though the temperature is high."""
    for _ in range(_SEED_TRIES):
        texts = [
            [
                _said(await talk.whole(JOKE, seed=seed, temperature=1.5, max_tokens=LONG_TOKENS))
                for _ in range(2)
            ]
            for seed in _SEEDS
        ]
        if all(one == other for one, other in texts):
            if len({one for one, _ in texts}) == 1:
                return unsure("the text is the same whatever the seed")
            return PASSED
    return failed("the same seed gives different texts")


def _said(whole: Whole) -> str:
    message = whole.first.message
    return message.thought + message.text


async def probe_stop(talk: Talk) -> Finding:
    """Text ends before the stop word, in one piece and as a stream."""
    tokens = LONG_TOKENS + talk.thinking_tokens
    free = (await talk.whole(COUNT, max_tokens=tokens)).first
    text = free.message.text
    word = _stop_word(text)
    if not word:
        return unsure("the model said too little to be stopped")
    stop: Json = [word]
    whole = (await talk.whole(COUNT, max_tokens=tokens, stop=stop)).first
    streamed = (await talk.streamed(COUNT, max_tokens=tokens, stop=stop)).whole.first
    return _stopped(whole, text, word) or _stopped(streamed, text, word) or PASSED


def _stop_word(text: str) -> str:
    """A word of the text that first stands behind its beginning."""
    words = [match[0] for match in _WORD.finditer(text) if text.find(match[0]) > 0]
    return words[len(words) // 2] if words else ""


def _stopped(choice: Choice, text: str, word: str) -> Finding | None:
    said = choice.message.text
    if word in said:
        return failed("the text goes on with, or beyond, the stop word")
    if choice.finish_reason != "stop":
        if text.startswith(said) and said:
            return failed(f"a stopped answer ends with finish_reason {choice.finish_reason!r}")
        return unsure("the model said something else when it was asked again")
    if not text.startswith(said.rstrip()):
        return unsure("the model said something else when it was asked again")
    return None


async def probe_logprobs(talk: Talk) -> Finding:
    """Each token has a probability, and those of the likeliest make sense together."""
    wishes = {"logprobs": True, "top_logprobs": _TOP, "max_tokens": SHORT_TOKENS}
    whole = await talk.whole(COUNT, **wishes)
    streamed = await talk.streamed(COUNT, **wishes)
    for choice in (whole.first, streamed.whole.first):
        if not (choice.message.text or choice.message.thought):
            return unsure("the model said nothing")
        trouble = _odd(choice.logprobs, choice.message.text)
        if trouble:
            return failed(trouble)
    return PASSED


def _odd(logprobs: Logprobs | None, text: str) -> str:
    """What is wrong with the log probabilities of `text`; empty where nothing is."""
    tokens = logprobs.content if logprobs is not None else None
    if not tokens:
        return "an answer comes without log probabilities"
    if text.strip() and text.strip() not in _joined(tokens):
        return "the tokens of the log probabilities are not those of the text"
    return next((trouble for token in tokens if (trouble := _odd_token(token))), "")


def _odd_token(token: TokenLogprob) -> str:
    every: list[Alternative] = [token, *token.top_logprobs]
    if any(not math.isfinite(one.logprob) or one.logprob > _SUM_SPARE for one in every):
        return "a log probability is no finite number of at most 0"
    if not 1 <= len(token.top_logprobs) <= _TOP + 1:
        return f"top_logprobs = {_TOP} gives {len(token.top_logprobs)}"
    names = {(one.token, tuple(one.bytes or ())) for one in token.top_logprobs}
    if len(names) < len(token.top_logprobs):
        return "a token stands twice among the likeliest"
    if sum(math.exp(one.logprob) for one in token.top_logprobs) > 1 + _SUM_SPARE:
        return "the probabilities of the likeliest tokens add up to more than 1"
    return ""


def _joined(tokens: list[TokenLogprob]) -> str:
    if all(token.bytes is not None for token in tokens):
        data = b"".join(bytes(token.bytes or ()) for token in tokens)
        return data.decode(errors="replace")
    return "".join(token.token for token in tokens)
