"""Ways to say the same thing: courtesy around a question, letter case, lost punctuation."""

from __future__ import annotations

from random import Random

_PREFIXES = (
    "Please tell me: ", "Hey, ", "Hi, ", "Hello! ", "Can you tell me: ", "Quick question: ",
    "Please: ", "Question: ", "Tell me, ", "So, ", "OK, ", "Hi there. ", "I have a question: ",
    "Now: ", "And ", "Please answer: ", "Q: ", "User: ", "I want to know: ", "Um, ", "Well, ",
    "Next question: ", "Answer this: ", "Good morning! ", "Sorry, ", "Just curious: ",
)  # fmt: skip
_SUFFIXES = (
    " Please.", " Thanks!", " please", " Thank you.", " Can you help?", " Please tell me.",
    " I need to know.", " Tell me.", " Do you know?", " Answer:", "\nAnswer:", " :)", " Thx",
    " Any idea?", " Be brief.", " Keep it short.", " Just the answer.", "??", "!", "...",
)  # fmt: skip


def spoken(rng: Random, text: str) -> str:
    """`text` with random courtesy, case and punctuation; unchanged about half of the time."""
    if rng.random() < 0.5:
        return text
    if rng.random() < 0.22:
        prefix = rng.choice(_PREFIXES)
        lower_next = prefix.endswith((", ", "And ")) and not text.startswith(("I ", "WALL"))
        text = prefix + (text[:1].lower() + text[1:] if lower_next else text)
    if rng.random() < 0.15:
        text += rng.choice(_SUFFIXES)
    if rng.random() < 0.6:
        text = _recased(rng, text)
    if rng.random() < 0.35:
        text = text.rstrip(".?!")
    return text or "?"


def _recased(rng: Random, text: str) -> str:
    choice = rng.random()
    if choice < 0.7:
        return text.lower()
    if choice < 0.85:
        return text.upper()
    if choice < 0.95:
        return text[:1].lower() + text[1:]
    return text.title()
