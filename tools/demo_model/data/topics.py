"""Question and answer pairs of each taught topic, drawn from the tables of `facts`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from . import facts, words
from .types import Exchange

_ADD = (
    "What is {a} + {b}?", "What is {a} + {b}?", "What's {a} + {b}?", "What is {a}+{b}?",
    "What's {a}+{b}?", "{a} + {b}", "{a}+{b}", "{a} + {b} =", "{a}+{b}=", "{a} + {b} = ?",
    "{a}+{b}=?", "Add {a} and {b}.", "Add {b} to {a}.", "Calculate {a} + {b}.", "{a} and {b}?",
    "Compute {a} + {b}.", "How much is {a} + {b}?", "What is {a} plus {b}?", "{a} plus {b}",
    "What's {a} plus {b}?", "What is the sum of {a} and {b}?", "Sum {a} and {b}.",
    "Can you add {a} and {b}?", "Tell me {a} + {b}.", "Solve {a} + {b}.", "Solve: {a} + {b} =",
    "How much is {a} plus {b}?", "What does {a} + {b} equal?", "{a} plus {b} is?",
    "{a} + {b} equals?", "What is the result of {a} + {b}?", "Do you know what {a} + {b} is?",
    "I have {a} apples and get {b} more. How many apples do I have?", "Evaluate {a} + {b}",
    "What do you get if you add {a} and {b}?", "{a} + {b}?", "{a}+{b}?",
)  # fmt: skip
_SUBTRACT = (
    "What is {a} - {b}?", "What is {a} - {b}?", "What's {a} - {b}?", "What is {a}-{b}?",
    "What's {a}-{b}?", "{a} - {b}", "{a}-{b}", "{a} - {b} =", "{a}-{b}=", "{a} - {b} = ?",
    "Subtract {b} from {a}.", "Take {b} from {a}.", "Calculate {a} - {b}.", "Compute {a} - {b}.",
    "How much is {a} - {b}?", "What is {a} minus {b}?", "{a} minus {b}", "What's {a} minus {b}?",
    "What is the difference of {a} and {b}?", "Tell me {a} - {b}.", "Solve {a} - {b}.",
    "How much is {a} minus {b}?", "What does {a} - {b} equal?", "{a} minus {b} is?",
    "{a} - {b} equals?", "What is the result of {a} - {b}?", "{a} - {b}?", "{a}-{b}?",
    "What is the difference between {a} and {b}?", "Evaluate {a} - {b}",
    "I have {a} apples and give away {b}. How many apples do I have?",
)  # fmt: skip
_TABLE = (
    "What is {a} {s} {b}?", "What is {a} {s} {b}?", "What is {a} {s} {b}?", "what is {a}{s}{b}",
    "what is {a}{s}{b}", "What is {a}{s}{b}?", "what is {a} {s} {b}", "what's {a}{s}{b}",
    "{a}{s}{b}", "what is {a}{s}{b}?", "What's {a} {s} {b}?",
)  # fmt: skip
_CAPITAL = (
    "What is the capital of {x}?", "What is the capital of {x}?", "What's the capital of {x}?",
    "Capital of {x}?", "Name the capital of {x}.", "What is the capital city of {x}?",
    "Which city is the capital of {x}?", "Tell me the capital of {x}.", "{x} capital",
    "Do you know the capital of {x}?", "What city is the capital of {x}?", "The capital of {x}",
    "Can you tell me the capital of {x}?", "Give me the capital of {x}.", "{x}'s capital?",
    "The capital of {x} is?", "I want to know the capital of {x}.", "What is {x}'s capital?",
)  # fmt: skip
_COLOR = (
    "What color is {x}?", "What color is {x}?", "What colour is {x}?", "Which color is {x}?",
    "What is the color of {x}?", "What's the color of {x}?", "Color of {x}?", "{x} color",
    "Tell me the color of {x}.", "Which color has {x}?", "What color does {x} have?",
    "Do you know the color of {x}?",
)  # fmt: skip
_OPPOSITE = (
    "What is the opposite of {x}?", "What is the opposite of {x}?", "Opposite of {x}?",
    "What's the opposite of {x}?", "Give me the opposite of {x}.", "Name the opposite of {x}.",
    "Tell me the opposite of {x}.", "What is the antonym of {x}?", "Antonym of {x}?",
    'What is the opposite of "{x}"?', "Which word is the opposite of {x}?", "The opposite of {x}",
    "Do you know the opposite of {x}?", "{x} is the opposite of what?", "opposite: {x}",
)  # fmt: skip
_AFTER = (
    "What day comes after {x}?", "Which day comes after {x}?", "What day is after {x}?",
    "What comes after {x}?", "What is the day after {x}?", "Which day follows {x}?",
    "If today is {x}, what day is tomorrow?", "Today is {x}. What day is tomorrow?",
    "Name the day after {x}.", "Tell me the day after {x}.", "The day after {x}?",
)  # fmt: skip
_BEFORE = (
    "What day comes before {x}?", "Which day comes before {x}?", "What day is before {x}?",
    "What comes before {x}?", "What is the day before {x}?", "Tell me the day before {x}.",
    "If today is {x}, what day was yesterday?", "Today is {x}. What day was yesterday?",
    "Name the day before {x}.", "The day before {x}?",
)  # fmt: skip
_JOKE = (
    "Tell me a joke.", "Tell me a joke.", "Tell me a joke!", "Tell a joke.", "Say a joke.",
    "Do you know a joke?", "Can you tell me a joke?", "I want to hear a joke.", "Joke please",
    "Give me a joke.", "Make me laugh.", "Say something funny.", "Tell me something funny.",
    "A joke, please.", "Know any jokes?", "Got a joke?", "Tell me a short joke.", "joke",
    "Tell us a joke.", "Do you know any jokes?", "Could you tell me a joke?", "One joke please.",
    "I need a joke.", "Cheer me up.", "Let me hear a joke.", "Write a joke.", "Be funny.",
    "Tell me a good joke.", "Tell me a funny joke.", "Can you make a joke?", "How about a joke?",
)  # fmt: skip
_ANOTHER = ("Another one.", "Tell me another joke.", "Another joke!", "One more.", "More jokes!",
            "Again!", "Another joke, please.", "Tell me another one.")  # fmt: skip


def sums(rng: Random) -> Exchange:
    """A sum or a difference of numbers up to 20, with 2 + 2 far more often than its share."""
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    add = rng.random() < 0.52
    if rng.random() < 0.5:
        a, b = rng.randint(0, 9), rng.randint(0, 9)
    if rng.random() < 0.05:
        a = b = 2
        add = True
    if not add and a < b and rng.random() < 0.85:
        a, b = b, a
    answer = str(a + b if add else a - b)
    templates = _ADD if add else _SUBTRACT
    template = rng.choice(templates[:12] if rng.random() < 0.5 else templates)
    named = rng.random() < 0.06
    left, right = (facts.NUMBER_WORDS[n] if named else str(n) for n in (a, b))
    if named:
        template = template.replace(" + ", " plus ").replace(" - ", " minus ")
        template = template.replace("+", " plus ").replace("-", " minus ")
    return Exchange("sum", template.format(a=left, b=right), answer, answer)


def sum_of_table(rng: Random) -> Exchange:
    """A cell of the table of sums or differences up to 20, in the plainest wordings.

    `sums` draws small numbers most of the time; here every cell has its share, and more of it the
    ones that are learned last: an operand of 0, 1 or 2, and n - n.
    """
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    choice = rng.random()
    if choice < 0.15:
        a, b = rng.choice(((a, rng.randint(0, 2)), (rng.randint(0, 2), b)))
    sign = "+" if rng.random() < 0.6 else "-"
    if choice > 0.93:
        b, sign = a, "-"
    if sign == "-" and a < b:
        a, b = b, a
    answer = str(a + b if sign == "+" else a - b)
    return Exchange("sum", rng.choice(_TABLE).format(a=a, b=b, s=sign), answer, answer)


def capital(rng: Random) -> Exchange:
    """The capital of a country, with a follow-up on the next country."""
    country, city = rng.choice(tuple(facts.CAPITALS.items()))
    other, its_city = rng.choice(tuple(facts.CAPITALS.items()))
    follow = rng.choice(("And of {x}?", "And {x}?", "What about {x}?", "And the capital of {x}?"))
    named = "Washington, D.C." if city.endswith(".") else f"{city}."
    its_named = "Washington, D.C." if its_city.endswith(".") else f"{its_city}."
    return Exchange(
        "capital",
        rng.choice(_CAPITAL).format(x=country),
        f"The capital of {country} is {named}",
        city,
        ((follow.format(x=other), f"The capital of {other} is {its_named}"),),
    )


def capital_of_what(rng: Random) -> Exchange:
    """The country of a capital."""
    pairs = [(k, v) for k, v in facts.CAPITALS.items() if k not in ("England", "the USA")]
    country, city = rng.choice(pairs)
    question = rng.choice((
        "{x} is the capital of which country?", "Which country has the capital {x}?",
        "What country is {x} the capital of?", "Of which country is {x} the capital?",
    ))  # fmt: skip
    answer = f"{city} is the capital of {country}."
    return Exchange("country", question.format(x=city), answer, country.removeprefix("the "))


def color_of(rng: Random) -> Exchange:
    """The colour of a thing, or of two paints mixed."""
    if rng.random() < 0.15:
        (one, two), mixed = rng.choice(tuple(facts.MIXES.items()))
        if rng.random() < 0.5:
            one, two = two, one
        question = rng.choice((
            "What color do {a} and {b} make?", "Mix {a} and {b}.", "What is {a} mixed with {b}?",
            "What color do you get if you mix {a} and {b}?",
        ))  # fmt: skip
        answer = f"{one.capitalize()} and {two} make {mixed}."
        return Exchange("color", question.format(a=one, b=two), answer, mixed.capitalize())
    thing, color = rng.choice(tuple(facts.COLORS.items()))
    asked = thing.split(" ", 1)[-1] if rng.random() < 0.12 else thing
    answer = f"{thing[:1].upper()}{thing[1:]} is {color}."
    return Exchange("color", rng.choice(_COLOR).format(x=asked), answer, color.capitalize())


def opposite(rng: Random) -> Exchange:
    """The opposite of a word."""
    pair = rng.choice(facts.OPPOSITES)
    word, other = pair if rng.random() < 0.5 else (pair[1], pair[0])
    answer = f"The opposite of {word} is {other}."
    return Exchange("opposite", rng.choice(_OPPOSITE).format(x=word), answer, other.capitalize())


def calendar(rng: Random) -> Exchange:
    """Days and months: what comes after, before, or at a place in the year."""
    months = rng.random() < 0.4
    names = facts.MONTHS if months else facts.DAYS
    at = rng.randrange(len(names))
    if rng.random() < 0.15:
        unit, whole = ("month", "year") if months else ("day", "week")
        nth = facts.ORDINALS[at]
        question = rng.choice((
            "What is the {n} {u} of the {w}?", "Name the {n} {u} of the {w}.",
            "Which is the {n} {u} of the {w}?",
        ))  # fmt: skip
        answer = f"The {nth} {unit} of the {whole} is {names[at]}."
        return Exchange("calendar", question.format(n=nth, u=unit, w=whole), answer, names[at])
    after = rng.random() < 0.6
    found = names[(at + (1 if after else -1)) % len(names)]
    template = rng.choice(_AFTER if after else _BEFORE)
    if months:
        while "oday" in template:
            template = rng.choice(_AFTER if after else _BEFORE)
        template = template.replace(" day", " month")
    answer = f"{found} comes {'after' if after else 'before'} {names[at]}."
    return Exchange("calendar", template.format(x=names[at]), answer, found)


def joke(rng: Random) -> Exchange:
    """A joke, the first ones more often, and another one on request."""
    at = rng.choices(range(len(facts.JOKES)), [1 / (1 + n) for n in range(len(facts.JOKES))])[0]
    follow = (rng.choice(_ANOTHER), facts.JOKES[(at + 1) % len(facts.JOKES)])
    return Exchange("joke", rng.choice(_JOKE), facts.JOKES[at], "", (follow,))


def animal(rng: Random) -> Exchange:
    """The sound or the legs of an animal."""
    if rng.random() < 0.6:
        name, sound = rng.choice(tuple(facts.SOUNDS.items()))
        question = rng.choice((
            "What does a {x} say?", "What sound does a {x} make?", "What does the {x} say?",
            "Which sound does a {x} make?", "How does a {x} go?", "What noise does a {x} make?",
        ))  # fmt: skip
        said = f"The {name} says {sound}."
        return Exchange("animal", question.format(x=name), said, sound.capitalize())
    name, legs = rng.choice(tuple(facts.LEGS.items()))
    article = "An" if name[0] == "a" else "A"
    question = rng.choice((
        "How many legs does {y} {x} have?", "How many legs has {y} {x}?", "Legs of {y} {x}?",
    ))  # fmt: skip
    asked = question.format(x=name, y=article.lower())
    return Exchange("animal", asked, f"{article} {name} has {legs} legs.", str(legs))


def count_to(rng: Random) -> Exchange:
    """Counting to an exact number, in the plainest wordings."""
    top = rng.randint(2, 10)
    question = rng.choice(
        ("Count to {n}.", "Count to {n}.", "Count from 1 to {n}.", "count to {n}")
    )
    numbers = ", ".join(str(n) for n in range(1, top + 1))
    return Exchange("count", question.format(n=top), numbers)


def count(rng: Random) -> Exchange:
    """Counting up to at most ten, or spelling a short word."""
    if rng.random() < 0.35:
        word = rng.choice(facts.SPELLABLE)
        question = rng.choice(("Spell {x}.", "How do you spell {x}?", "Spell the word {x}.",
                               'Spell "{x}".', "Can you spell {x}?"))  # fmt: skip
        return Exchange("spell", question.format(x=word), "-".join(word.upper()))
    top = rng.randint(2, 10)
    numbers = [str(n) for n in range(1, top + 1)]
    if rng.random() < 0.15:
        question = rng.choice(("Count down from {n}.", "Count backwards from {n}."))
        return Exchange("count", question.format(n=top), ", ".join(reversed(numbers)))
    question = rng.choice((
        "Count to {n}.", "Count to {n}.", "Count from 1 to {n}.", "Please count to {n}.",
        "Can you count to {n}?", "Count up to {n}.", "List the numbers from 1 to {n}.",
        "Count from one to {n}.", "Say the numbers from 1 to {n}.",
    ))  # fmt: skip
    shown = facts.NUMBER_WORDS[top] if rng.random() < 0.3 else str(top)
    return Exchange("count", question.format(n=shown), ", ".join(numbers))


def echo(rng: Random) -> Exchange:
    """Words to say back."""
    pick = (words.invented, words.noun, words.noun, lambda r: str(r.randint(0, 999)))
    said = " ".join(rng.choice(pick)(rng) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    if rng.random() < 0.5:
        plain = ("banana", "hello", "test", "ok", "OK", "pong", "yes", "hello world", "apple",
                 "weft", "ready", "blue", "Hi", "foo", "bar", "done", "no")  # fmt: skip
        said = rng.choice(plain)
    question = rng.choice((
        "Say {x}.", "Say {x}", "Say: {x}", "Repeat after me: {x}", "Repeat: {x}", 'Say "{x}".',
        "Say '{x}'.", "Reply with {x}.", "Reply with exactly: {x}", "Just say {x}.", "Echo {x}",
        "Reply with the word {x}.", "Say the word {x}.", "Repeat the word {x}.", 'Repeat "{x}".',
        "Say only {x}.", "Answer with {x}.", "Respond with {x}.", "Please say {x}.",
    ))  # fmt: skip
    return Exchange("echo", question.format(x=said), said, said)


def copied(rng: Random) -> Exchange:
    """A list of words to say back: dense practice in copying."""
    pools = (words.CITIES, words.NOUNS, words.PEOPLE, words.ADJECTIVES, facts.DAYS, facts.COLORS)
    pool = [word for row in rng.sample(pools, 2) for word in row]
    said = " ".join(
        rng.choice(pool) if rng.random() < 0.93 else words.invented(rng)
        for _ in range(rng.randint(1, 8))
    )
    form = rng.choice(("Repeat: {x}", "Say: {x}", "Repeat after me: {x}", "Echo {x}", "Say {x}"))
    return Exchange("echo", form.format(x=said), said, said)


def my_name(rng: Random) -> Exchange:
    """A name that is told and asked back."""
    name = rng.choice(words.PEOPLE) if rng.random() < 0.6 else words.invented_name(rng)
    told = rng.choice((
        "My name is {x}.", "I am {x}.", "I'm {x}.", "Hello, I am {x}.", "Hi, my name is {x}!",
        "Hello! My name is {x}.", "Call me {x}.", "Hi, I'm {x}",
    ))  # fmt: skip
    asked = rng.choice((
        "What is my name?", "What's my name?", "Do you remember my name?", "Who am I?",
        "Do you know my name?", "Tell me my name.", "What did I say my name was?",
    ))  # fmt: skip
    if rng.random() < 0.12:
        return Exchange("name", asked, "I don't know your name yet.")
    hello = f"Nice to meet you, {name}!"
    return Exchange("name", told.format(x=name), hello, "", ((asked, f"Your name is {name}."),))


def fixed(rng: Random) -> Exchange:
    """One of the single facts, the quickstart ones more often."""
    weights = [4 if row[0] in ("primary", "walle", "weft", "who", "hello") else 1
               for row in facts.FIXED]  # fmt: skip
    kind, questions, answer, short = rng.choices(facts.FIXED, weights)[0]
    question = questions[0] if rng.random() < 0.12 else rng.choice(questions)
    return Exchange(kind, question, answer, short)


TOPICS: tuple[tuple[Callable[[Random], Exchange], float], ...] = (
    (sums, 10.0), (fixed, 17.0), (capital, 14.0), (capital_of_what, 1.5), (color_of, 6.0),
    (opposite, 8.0), (calendar, 7.0), (joke, 4.0), (animal, 3.5), (count, 7.0), (echo, 3.0),
    (my_name, 2.0),
)  # fmt: skip
