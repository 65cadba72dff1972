"""A few hundred calls with nasty values, questions about them, and the answers by the evaluator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from weft.traces.calls.facts import facts_of
from weft.traces.calls.parts import CallPart
from weft.traces.calls.read.wire import CallFilter
from weft.traces.feedback.parts import FeedbackPart
from weft.traces.json_text import dump, load
from weft.traces.query.compile import SortBy
from weft.traces.query.evaluate import Moment, Several, evaluate, sort_key, walk
from weft.traces.query.parse import parse_query
from weft.traces.query.paths import split_path

US = 1_000_000
START_US = 1_790_000_000 * US
COUNT = 240
REF = "weave:///t/p/object/model:d{}"
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -5,
        2.5,
        1e15,
        "",
        "0",
        "true",
        "2.5",
        "Straße",
        "STRASSE",
        "ÀΣ",
        "àσ",
    ),
    *(
        "a\0b",
        'say "hi"',
        "back\\slash",
        "50%",
        "under_score",
        "line\nbreak",
        "😀",
        "weave:///x",
        "İ",
    ),
    *([], ["x", 1], {}, {"inner": "x"}, {"inner": {"deep": [1, 2, {"z": "end"}]}}),
]


def parts() -> list[CallPart]:
    """The calls, `c000` to `c239`, an hour apart; every sixth is a root."""
    return [_part(number) for number in range(COUNT)]


def _part(n: int) -> CallPart:
    op = ("predict", "score", "predict.more")[n % 3]
    running, failed = n % 40 == 39, n % 20 == 7
    started_us = START_US + n * 3600 * US + n
    inputs: dict[str, Any] = {
        "n": n,
        "v": VALUES[n % len(VALUES)],
        "model": REF.format(n % 5),
        "list": [n, {"k": f"key{n % 7}"}],
        "key with space": n % 4,
        "dotted.key": n % 3,
    }
    if n % 50 == 13:
        inputs["long"] = "x" * 70_000 + f"needle{n}"
    output: Any = (None, {"score": n / 100, "label": f"Label{n % 11}"}, n, f"text {n}", [n, n + 1])[
        n % 5
    ]
    summary = {
        "usage": {"gpt": {"requests": 1, "prompt_tokens": n, "completion_tokens": 2 * n}},
        "status_counts": {"success": 1, "error": int(n % 12 == 5)},
    }
    return CallPart(
        id=f"c{n:03}",
        trace_id=f"t{n // 6:02}",
        op_name=f"weave:///t/p/op/{op}:v{n % 2}" if n % 30 != 4 else "bare",
        started_at_us=started_us,
        ended_at_us=None if running else started_us + (n % 10) * 100_500,
        parent_id=None if n % 6 == 0 else f"c{n // 6 * 6:03}",
        display_name=f"Name {n}" if n % 8 == 0 else None,
        thread_id=f"th{n % 3}" if n % 4 == 0 else None,
        turn_id=f"tu{n}" if n % 4 == 0 else None,
        wb_user_id=f"user{n % 2}",
        wb_run_id="t/p/run" if n % 9 == 0 else None,
        wb_run_step=n if n % 9 == 0 else None,
        attributes=dump({"env": "prod" if n % 2 else "dev", "weave": {"kind": "llm"}}),
        inputs=dump(inputs),
        output=None if output is None or running else dump(output),
        summary=None if running else dump(summary),
        exception='{"type":"ValueError"}' if failed and not running else None,
    )


def feedback() -> list[FeedbackPart]:
    """Scores of every tenth call, two on every twentieth, and some reactions."""
    found: list[FeedbackPart] = []
    for n in range(0, COUNT, 10):
        found += [_score(n, again) for again in range(2 if n % 20 == 0 else 1)]
        if n % 30 == 0:
            reaction = dump({"emoji": "👍", "alias": ":thumbs_up:"})
            found.append(
                FeedbackPart(
                    f"r{n:03}", f"weave:///t/p/call/c{n:03}", "wandb.reaction.1", reaction, "user1",
                    START_US, f"c{n:03}",
                )
            )  # fmt: skip
    return found


def _score(n: int, again: int) -> FeedbackPart:
    return FeedbackPart(
        id=f"f{n:03}{again}",
        weave_ref=f"weave:///t/p/call/c{n:03}",
        feedback_type="wandb.runnable.judge",
        payload=dump({"output": {"score": n + again, "why": "ok" if n % 3 else "bad"}}),
        wb_user_id="user0",
        created_at_us=START_US + n + again,
        call_id=f"c{n:03}",
        runnable_ref=f"weave:///t/p/op/judge:v{again}",
    )


@dataclass(frozen=True)
class Question:
    """What is asked, and where somebody worked it out by hand, the answer: by numbers."""

    name: str
    expr: Any = None
    given: dict[str, Any] = field(default_factory=dict[str, Any])
    sort: list[tuple[str, str]] | None = None
    limit: int | None = None
    offset: int = 0
    by_hand: list[int] | None = None

    @property
    def query(self) -> Any:
        return None if self.expr is None else {"$expr": self.expr}

    @property
    def filter(self) -> CallFilter:
        return msgspec.convert(self.given, CallFilter)

    @property
    def sort_by(self) -> list[SortBy] | None:
        return None if self.sort is None else [SortBy(*one) for one in self.sort]


def answer(question: Question, calls: list[CallPart], told: list[FeedbackPart]) -> list[str]:
    """The ids of the calls that are meant, in their order."""
    condition = parse_query(question.query)
    found = [(part, lookup_in(part, told)) for part in calls if _fits(part, question.given)]
    if condition is not None:
        found = [item for item in found if evaluate(condition, item[1])]
    sorts = question.sort or [("started_at", "asc")]
    if "id" not in {path for path, _ in sorts}:
        sorts = [*sorts, ("id", dict(sorts).get("started_at", "desc"))]
    for path, way in reversed(sorts):
        keys = {part.id: sort_key(lookup(path), ascending=way == "asc") for part, lookup in found}
        found.sort(key=lambda item, keys=keys: keys[item[0].id])
    end = None if question.limit is None else question.offset + question.limit
    return [part.id for part, _ in found][question.offset : end]


def _fits(part: CallPart, given: dict[str, Any]) -> bool:
    columns = {"call_ids": "id", "wb_user_ids": "wb_user_id", "wb_run_ids": "wb_run_id"}
    for name, wanted in given.items():
        if name == "trace_roots_only":
            fits = part.parent_id is None
        elif name == "op_names":
            fits = any(part.op_name == w or _begins(part.op_name, w) for w in wanted)
        elif name in {"input_refs", "output_refs"}:
            text = (part.inputs if name == "input_refs" else part.output) or ""
            fits = any(f'"{w}"' in text for w in wanted)
        else:
            fits = getattr(part, columns.get(name, name[:-1])) in wanted
        if not fits:
            return False
    return True


def _begins(op_name: str, wanted: str) -> bool:
    return wanted.endswith(":*") and op_name.startswith(wanted[:-1])


def lookup_in(part: CallPart, told: list[FeedbackPart]) -> Callable[[str], Any]:
    """What paths lead to in one call."""
    facts = facts_of(part)
    texts = {name: getattr(part, name) for name in ("inputs", "output", "attributes")}
    texts["summary"] = facts.summary
    documents = {name: None if text is None else load(text) for name, text in texts.items()}
    ended_us = part.ended_at_us
    derived = {
        "started_at": Moment(part.started_at_us),
        "ended_at": None if ended_us is None else Moment(ended_us),
        "summary.weave.status": facts.status,
        "summary.weave.trace_name": facts.op,
        "summary.weave.display_name": part.display_name,
        "summary.weave.latency_ms": None
        if ended_us is None
        else (ended_us - part.started_at_us) // 1000,
    }

    def lookup(path: str) -> Any:
        if path in derived:
            return derived[path]
        first, *steps = split_path(path)
        if first == "feedback":
            kind, column, *rest = steps
            mine = [f for f in told if f.call_id == part.id and kind in {"*", f.feedback_type}]
            mine.sort(key=lambda f: (-f.created_at_us, f.id))
            if column == "payload":
                return Several([walk(load(f.payload), rest) for f in mine])
            return Several([getattr(f, str(column)) for f in mine])
        return walk(documents[str(first)], steps) if first in documents else getattr(part, path)

    return lookup
