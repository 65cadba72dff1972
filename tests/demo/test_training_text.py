"""The text that the tiny model is trained on tells the truth and keeps the gate's questions out."""

from __future__ import annotations

import operator
import re
from itertools import islice
from random import Random

from tools.demo_model.cases import UNSEEN_CITIES
from tools.demo_model.data.facts import OPPOSITES
from tools.demo_model.data.heldout import HELD_OUT_KEYS, key
from tools.demo_model.data.mix import conversations
from tools.demo_model.data.toolcalls import weather_of
from tools.demo_model.data.topics import count_to, sum_of_table

DRAWS = 4000
SEED = 91


def test_sum_of_table_when_drawn_then_answers_are_right() -> None:
    rng = Random(SEED)
    apply = {"+": operator.add, "-": operator.sub}
    for _ in range(DRAWS):
        made = sum_of_table(rng)
        (found,) = re.findall(r"(\d+) ?([+-]) ?(\d+)", made.question)
        assert int(made.answer) == apply[found[1]](int(found[0]), int(found[2])), made.question


def test_sum_of_table_when_drawn_often_then_every_cell_appears() -> None:
    rng = Random(SEED)
    digits = [re.sub(r"[^\d+-]", "", sum_of_table(rng).question) for _ in range(8 * DRAWS)]
    assert {f"{a}+{b}" for a in range(20) for b in range(20)} <= set(digits)
    assert {f"{a}-{b}" for a in range(20) for b in range(a + 1)} <= set(digits)


def test_count_to_when_drawn_then_ends_at_the_number_asked() -> None:
    rng = Random(SEED)
    for _ in range(100):
        made = count_to(rng)
        top = int(re.findall(r"\d+", made.question)[-1])
        assert [int(n) for n in made.answer.split(", ")] == list(range(1, top + 1))


def test_weather_of_when_drawn_then_copies_a_city_that_the_gate_does_not_use() -> None:
    rng = Random(SEED)
    for _ in range(DRAWS):
        request, answer = weather_of(rng).messages
        (city,) = answer.calls[0].arguments.values()
        assert str(city) in request.content
        assert city not in UNSEEN_CITIES


def test_conversations_when_drawn_then_hold_the_weak_forms_and_nothing_held_out() -> None:
    drawn = list(islice(conversations(SEED), DRAWS))
    asked = {m.content for made in drawn for m in made.messages if m.role == "user"}
    assert not {key(question) for question in asked} & HELD_OUT_KEYS
    assert any(re.fullmatch(r"what is \d+\+\d+", question) for question in asked)
    assert any(re.search(r"\b(\d+) ?- ?\1\b", question) for question in asked)
    words = [word for pair in OPPOSITES for word in pair]
    plain = {f"What is the opposite of {word}? Answer in one word." for word in words}
    assert plain & asked
