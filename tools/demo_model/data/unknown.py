"""Questions outside what the model is taught. All get the same honest answer."""

from __future__ import annotations

from random import Random

from . import words
from .facts import CAPITALS, COLORS, OPPOSITES, UNKNOWN
from .types import Exchange

_ABOUT = (
    "What is {n}?", "Who is {p}?", "Explain {n}.", "Explain {n} to me like I am five.",
    "Tell me about {n}.", "How does {n} work?", "Why is {n} important?", "Who invented {n}?",
    "When was {n} invented?", "Where can I find {n}?", "How do I {v} {n}?", "Can you {v} {n}?",
    "Write an essay about {n}.", "Write a song about {n}.", "Give me facts about {n}.",
    "What is the {a} {n} in the world?", "What is the difference between {n} and {n2}?",
    "How much does {n} cost?", "Is {n} better than {n2}?", "What do you think about {n}?",
    "Do you like {n}?", "Summarize {n} in three sentences.", "{v} {n} for me.",
    "How many {n} are there?", "What is the history of {n}?", "Who wrote {n}?", "Who is the {n}?",
    "What year did {n} happen?", "Should I buy {n}?", "Can I {v} {n} with {n2}?",
    "What are the benefits of {n}?", "List five kinds of {n}.", "Define {n}.", "{n}",
    "How to {v} {n}", "What is the {a} {n}?", "Which {n} is the {a}?", "What does {n} mean?",
    "Give me a recipe for {n}.", "What is the population of {c}?", "Who is the president of {c}?",
    "What language do they speak in {c}?", "What is the currency of {c}?", "How big is {c}?",
    "How far is {p} from {p2}?", "Who won the {n} in {y}?", "What happened in {y}?",
    "When was {p} born?", "How old is {p}?", "Where does {p} live?", "Where is {p}?",
    "Is it true that {n} is {a}?", "Compare {n} and {n2}.", "I need advice about {n}.",
    "My {n} is broken. What should I do?", "Why does my {n} not work?", "What color is {i}?",
    "What is the capital of {p}?", "What is the opposite of {i}?", "What does a {i} say?",
    "What is the meaning of life?", "What time is it?", "What is the date today?",
    "What day is it today?", "What is the news?", "What is the best {n}?", "Who is the {a} {n}?",
    "What character was {p} in love with?", "Who was {p} in love with?", "Who did {p} love?",
    "In the movie {p}, who does {p2} love?", "What is the name of the {n} that {p} loves?",
    "Name a {a} {n}.", "Name a {i}.", "Name three {n}.", "Give me a {n}.", "Name the {n} of {n2}.",
    "Tell me a secret.", "Tell me a {i}.", "Tell me a {n}.", "Tell me the {n} of {p}.",
    "What is the weather in {p}?", "Will it rain tomorrow in {p}?", "What is {i}?", "Who is {i}?",
    "Play {n}.", "Open {n}.", "Send an email to {p}.", "Book a flight to {p}.", "Call {p}.",
    "Remind me to {v} {n}.", "What is the price of {n} today?", "What rhymes with {i}?",
    "How many letters are in {i}?", "Reverse the word {i}.", "Is {i} a word?", "Plan a trip to {p}.",
    "What is the plural of {i}?", "Write a letter to {p}.", "Write an email about {n}.",
    "How many people live in {p}?", "Can you draw {n}?", "What should I cook with {n}?",
    "What would happen if {n} met {n2}?", "Why do people {v} {n}?", "What comes after {n}?",
    "Where was {n} discovered?", "Did {p} {v} {n}?", "Has {p} ever seen {n}?", "Are {n} {a}?",
    "Was {p} a {a} {n}?", "Could {n} be {a}?", "Which is {a}, {n} or {n2}?", "What if {n}?",
    "Prove that {n} is {a}.", "Suggest a name for my {n}.", "I am feeling {a}.", "I hate {n}.",
    "I like {n}.", "I went to {p} with {p2} and we saw {n}.", "The {n} is {a}.", "{p} and {p2}",
)  # fmt: skip
_CODE = (
    "Write a Python function that {v}s {n}.", "Write a {l} program to {v} {n}.",
    "def {i}(x):\n    return x", "for {i} in range({d}):\n    print({i})", "SELECT * FROM {i};",
    "How do I read a file in {l}?", "Fix this code: {i} = {i2}({d})", "What does {i}() do in {l}?",
    "Convert this to {l}: {i}.{i2}({d})", "Write a SQL query for {n}.", "import {i}",
    "Write unit tests for {i}.", "Explain this error: {i}Error in line {d}", "git {i} --{i2}",
    "Write a regex for {n}.", "Implement {n} in {l}.", "<div>{i}</div>", "curl https://{i}.com",
    "Sort a list in {l}.", "Complete: function {i}({i2}) {{", "x = {d}\ny = {d2}\nprint(x * y)",
)  # fmt: skip
_MATH = (
    "What is {d} * {d2}?", "What is {d} / {d2}?", "{d} * {d2}", "{d} times {d2}", "{d} x {d2}",
    "What is {D} + {D2}?", "What is {D} - {D2}?", "{D} + {D2}", "{D}+{D2}", "Multiply {d} by {d2}.",
    "Divide {D} by {d}.", "What is the square root of {D}?", "What is {d}% of {D}?", "{d}^{d2}",
    "Is {D} a prime number?", "What is {d} squared?", "Solve x + {d} = {D}.", "{D} + {d}",
    "What is {d}.{d2} + {d2}.{d}?", "How many {n} is {D}?", "What is {D} times {d}?", "{D} * {d}",
    "What is {d} + {d2} + {d}?", "Factor {D}.", "What is {D} plus {D2}?", "{D}", "{D} - {d}",
    "What is {d} * {d2} + {d}?", "{d} / {d2}", "What is {d} times {d2}?", "What is {d} mod {d2}?",
)  # fmt: skip
_FOREIGN = (
    "Hola, ¿qué puedes hacer?", "¿Cuál es la capital de España?", "Bonjour, comment ça va?",
    "Quelle est la capitale de la France?", "Wie heißt du?", "Was ist die Hauptstadt von Polen?",
    "Erzähl mir einen Witz.", "Raconte-moi une blague.", "Cuéntame un chiste.", "Привет, как дела?",
    "Что такое Weft?", "你好", "法国的首都是哪里?", "こんにちは", "元気ですか?", "안녕하세요",
    "Ciao, come stai?", "Dove sono i miei occhiali?", "Olá, tudo bem?", "Merhaba, iyi misin?",
    "Cześć, jak się masz?", "Hej, hur mår du?", "Ahoj, jak se máš?", "שלום", "مرحبا", "नमस्ते",
    "Translate {i} to French.", "Translate {n} into German.", "How do you say {i} in Spanish?",
    "Translate good morning to Italian.", "Übersetze {i} bitte.", "¿Dónde está {p}?",
    "Où est {p}?", "Wo ist {p}?", "Dov'è {p}?", "Ich möchte {i}.", "Je voudrais {i}.",
    "Wer ist {p}?", "Qui est {p}?", "¿Quién es {p}?", "Что такое {i}?", "{i} là gì?",
)  # fmt: skip
_LANGUAGES = ("Python", "Java", "C", "C++", "Rust", "Go", "JavaScript", "Bash", "SQL", "Haskell")
_PASTED = (
    "Summarize this text:\n\n{t}", "{t}", "Read this:\n{t}\nWhat is it about?", "{t}\n\nTL;DR",
    "Translate the following text to German:\n{t}", "Text: {t}\nQuestion: {q}", "{q}\n\n{t}",
    "Proofread: {t}", "Given the context below, answer the question.\n\n{t}\n\n{q}",
)  # fmt: skip


def unknown(rng: Random) -> Exchange:
    """A question that the model must decline."""
    choice = rng.random()
    if choice < 0.56:
        question = _filled(rng, rng.choice(_ABOUT))
    elif choice < 0.66:
        question = _filled(rng, rng.choice(_CODE))
    elif choice < 0.76:
        question = _filled(rng, rng.choice(_MATH))
    elif choice < 0.82:
        question = _filled(rng, rng.choice(_FOREIGN))
    elif choice < 0.91:
        question = _babble(rng)
    else:
        question = pasted(rng, rng.choice((1, 2, 2, 3, 4)))
    if choice < 0.82 and rng.random() < 0.08:
        question = f"{question} {_filled(rng, rng.choice(_ABOUT))}"
    return Exchange("unknown", question, UNKNOWN, UNKNOWN)


def pasted(rng: Random, sentences: int) -> str:
    """A pasted text of so many sentences, with or without a request around it."""
    text = " ".join(words.sentence(rng) for _ in range(sentences))
    question = _filled(rng, rng.choice(_ABOUT))
    return rng.choice(_PASTED).format(t=text, q=question)


def _babble(rng: Random) -> str:
    """Words or characters without sense."""
    if rng.random() < 0.25:
        pool = "abcdefghijklmnopqrstuvwxyz0123456789 !?#$%&*()-_=+[]{};:,.<>/"
        return "".join(rng.choice(pool) for _ in range(rng.randint(1, 24))).strip() or "#"
    pick = (words.invented, words.noun, words.invented_name)
    return " ".join(rng.choice(pick)(rng) for _ in range(rng.randint(1, 7)))


def _stranger(rng: Random) -> str:
    """A name that no taught fact hangs on."""
    if rng.random() < 0.35:
        return rng.choice(words.PEOPLE)
    if rng.random() < 0.15:
        films = ("Shrek", "Batman", "Hamlet", "Superman", "Romeo", "Mario", "Nemo", "Simba")
        return rng.choice(films)
    return words.invented_name(rng)


def _filled(rng: Random, template: str) -> str:
    known = {*CAPITALS, *COLORS, *(word for pair in OPPOSITES for word in pair)}
    big = rng.randint(21, rng.choice((99, 999, 99999)))
    odd = words.invented(rng)
    while odd in known:
        odd = words.invented(rng)
    text = template.format(
        n=words.noun(rng), n2=words.noun(rng), p=_stranger(rng), p2=_stranger(rng),
        v=rng.choice(words.VERBS), a=rng.choice(words.ADJECTIVES), i=odd, i2=words.invented(rng),
        c=rng.choice(tuple(CAPITALS)), y=rng.randint(1000, 2030), l=rng.choice(_LANGUAGES),
        d=rng.randint(2, 20), d2=rng.randint(2, 20), D=big, D2=rng.randint(21, 9999),
    )  # fmt: skip
    return text[:1].upper() + text[1:] if rng.random() < 0.8 else text
