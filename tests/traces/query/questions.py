"""Some seventy questions about the calls of `library`."""

from typing import Any

from traces.query.library import COUNT, REF, START_US, US, VALUES, Question

EVERY = range(COUNT)


def get(path: str) -> Any:
    return {"$getField": path}


def lit(value: Any) -> Any:
    return {"$literal": value}


def to(kind: str, path: str) -> Any:
    return {"$convert": {"input": get(path), "to": kind}}


def has(path: str, piece: str, *, ignore: bool = False) -> Any:
    return {"$contains": {"input": get(path), "substr": lit(piece), "case_insensitive": ignore}}


def eq(path: str, value: Any) -> Any:
    return {"$eq": [get(path), lit(value)]}


def gt(path: str, value: Any) -> Any:
    return {"$gt": [get(path), lit(value)]}


def of_value(*values: Any) -> list[int]:
    """The calls whose `inputs.v` is one of these, by kind and value."""
    kinds: list[tuple[type, Any]] = [(type(value), value) for value in values]
    return [n for n in EVERY if (type(v := VALUES[n % len(VALUES)]), v) in kinds]


JUDGE = "feedback.[wandb.runnable.judge]"
QUESTIONS = [
    Question("all", by_hand=[*EVERY]),
    Question("a page", limit=10, offset=20, by_hand=[*range(20, 30)]),
    Question("past the end", limit=10, offset=500, by_hand=[]),
    Question("no limit but an offset", offset=235, by_hand=[*range(235, 240)]),
    Question("nothing wanted", limit=0, by_hand=[]),
    Question("newest roots", given={"trace_roots_only": True}, sort=[("started_at", "desc")], limit=3,
             by_hand=[234, 228, 222]),
    Question("an op's version", given={"op_names": ["weave:///t/p/op/predict:v0"]}),
    Question("an op", given={"op_names": ["weave:///t/p/op/predict:*"]},
             by_hand=[n for n in EVERY if n % 3 == 0 and n % 30 != 4]),
    Question("ops", given={"op_names": ["bare", "weave:///t/p/op/score:*"]},
             by_hand=[n for n in EVERY if n % 30 == 4 or n % 3 == 1]),
    Question("a trace", given={"trace_ids": ["t03", "t05"]},
             by_hand=[*range(18, 24), *range(30, 36)]),
    Question("children", given={"parent_ids": ["c012"]}, by_hand=[*range(13, 18)]),
    Question("a thread", given={"thread_ids": ["th0"]}, by_hand=[n for n in EVERY if n % 12 == 0]),
    Question("turns", given={"turn_ids": ["tu4", "tu8", "tu9"]}, by_hand=[4, 8]),
    Question("a user and a run", given={"wb_user_ids": ["user1"], "wb_run_ids": ["t/p/run"]},
             by_hand=[n for n in EVERY if n % 18 == 9]),
    Question("by reference", given={"input_refs": [REF.format(3)]},
             by_hand=[n for n in EVERY if n % 5 == 3]),
    Question("no such reference", given={"input_refs": [REF.format("")]}, by_hand=[]),
    Question("by id", given={"call_ids": ["c007", "c100", "x"]}, by_hand=[7, 100]),
    Question("number equals", eq("inputs.n", 5), by_hand=[5]),
    Question("number as a fraction", eq("inputs.n", 5.0), by_hand=[5]),
    Question("number is no text", eq("inputs.n", "5"), by_hand=[]),
    Question("zero is not false", eq("inputs.v", 0), by_hand=of_value(0)),
    Question("false is not zero", eq("inputs.v", False), by_hand=of_value(False)),
    Question("true", eq("inputs.v", True), by_hand=of_value(True)),
    Question("text true is no truth", eq("inputs.v", "true"), by_hand=of_value("true")),
    Question("empty text", eq("inputs.v", ""), by_hand=of_value("")),
    Question("null", eq("inputs.v", None), by_hand=of_value(None)),
    Question("not null", {"$not": [eq("inputs.v", None)]},
             by_hand=[n for n in EVERY if n % len(VALUES)]),
    Question("missing", eq("inputs.nothing.at.all", None), by_hand=[*EVERY]),
    Question("not equal counts missing", {"$not": [eq("inputs.nothing", 5)]}, by_hand=[*EVERY]),
    Question("quotes", eq("inputs.v", 'say "hi"'), by_hand=of_value('say "hi"')),
    Question("a backslash", eq("inputs.v", "back\\slash"), by_hand=of_value("back\\slash")),
    Question("a line break", eq("inputs.v", "line\nbreak"), by_hand=of_value("line\nbreak")),
    Question("a NUL", eq("inputs.v", "a\0b"), by_hand=of_value("a\0b")),
    Question("an emoji", eq("inputs.v", "😀"), by_hand=of_value("😀")),
    Question("case counts", eq("inputs.v", "straße"), by_hand=[]),
    Question("greater", gt("inputs.n", 236), by_hand=[237, 238, 239]),
    Question("at least", {"$gte": [get("inputs.n"), lit(238)]}, by_hand=[238, 239]),
    Question("less", {"$lt": [get("inputs.n"), lit(2)]}, by_hand=[0, 1]),
    Question("at most", {"$lte": [get("inputs.v"), lit(-5)]}, by_hand=of_value(-5)),
    Question("greater among kinds", gt("inputs.v", 1), by_hand=of_value(2.5, 1e15)),
    Question("greater text", gt("inputs.v", "t"), by_hand=None),
    Question("a literal first", {"$gt": [lit(3), get("inputs.n")]}, by_hand=[0, 1, 2]),
    Question("two fields", {"$eq": [get("inputs.n"), get("output")]},
             by_hand=[n for n in EVERY if n % 5 == 2 and n % 40 != 39]),
    Question("in", {"$in": [get("inputs.n"), [lit(3), lit(9), lit("10"), lit(None)]]}, by_hand=[3, 9]),
    Question("in texts", {"$in": [get("inputs.v"), [lit("İ"), lit("2.5"), lit("no")]]},
             by_hand=of_value("İ", "2.5")),
    Question("in with null", {"$in": [get("inputs.v"), [lit(None), lit("İ")]]},
             by_hand=of_value(None, "İ")),
    Question("in nothing", {"$in": [get("inputs.n"), []]}, by_hand=[]),
    Question("in ids", {"$in": [get("id"), [lit("c001"), lit("c002")]]}, by_hand=[1, 2]),
    Question("contains", has("inputs.v", "a"), by_hand=None),
    Question("contains, whatever the case", has("inputs.v", "STRASSE", ignore=True),
             by_hand=of_value("STRASSE")),
    Question("beyond ASCII", has("inputs.v", "àΣ", ignore=True), by_hand=of_value("ÀΣ", "àσ")),
    Question("no wildcard", has("inputs.v", "%"), by_hand=of_value("50%")),
    Question("no wildcard either", has("inputs.v", "_"), by_hand=of_value("under_score")),
    Question("inside a list", has("inputs.v", "x")),
    Question("inside a whole text", has("inputs", "KEY3", ignore=True),
             by_hand=[n for n in EVERY if n % 7 == 3]),
    Question("with quotes inside", has("inputs", 'say "hi"'), by_hand=of_value('say "hi"')),
    Question("in a large text", has("inputs.long", "needle63"), by_hand=[63]),
    Question("a number's digits", has("inputs.n", "23"), by_hand=[23, 123, *range(223, 224), *range(230, 240)]),
    Question("index", eq("inputs.list.0", 77), by_hand=[77]),
    Question("index and key", eq("inputs.list.1.k", "key5"), by_hand=[n for n in EVERY if n % 7 == 5]),
    Question("no index into objects", eq("inputs.0", None), by_hand=[*EVERY]),
    Question("deep", eq("inputs.v.inner.deep.2.z", "end"),
             by_hand=of_value({"inner": {"deep": [1, 2, {"z": "end"}]}})),
    Question("a key with a space", eq("inputs.key with space", 3), by_hand=[n for n in EVERY if n % 4 == 3]),
    Question("a key with a dot", eq("inputs.[dotted.key]", 2), by_hand=[n for n in EVERY if n % 3 == 2]),
    Question("size", {"$eq": [{"$size": get("inputs.v")}, lit(2)]}, by_hand=of_value(["x", 1])),
    Question("size of what is no list", {"$eq": [{"$size": get("inputs.v")}, lit(None)]}),
    Question("to double", {"$eq": [to("double", "inputs.v"), lit(2.5)]}, by_hand=of_value(2.5, "2.5")),
    Question("to int", {"$eq": [to("int", "inputs.v"), lit(2)]}, by_hand=of_value(2.5, "2.5")),
    Question("truth to int", {"$eq": [to("int", "inputs.v"), lit(1)]}, by_hand=of_value(True, 1)),
    Question("to bool", {"$eq": [to("bool", "inputs.v"), lit(False)]}, by_hand=of_value(False, 0, "0")),
    Question("to string", {"$eq": [to("string", "inputs.n"), lit("12")]}, by_hand=[12]),
    Question("to exists", {"$eq": [to("exists", "output"), lit(False)]},
             by_hand=[n for n in EVERY if n % 5 == 0 or n % 40 == 39]),
    Question("a truth value alone", get("inputs.v"), by_hand=of_value(True)),
    Question("and, or", {"$and": [{"$or": [eq("inputs.n", 1), eq("inputs.n", 2)]}, gt("inputs.n", 1)]},
             by_hand=[2]),
    Question("and of nothing", {"$and": []}, by_hand=[*EVERY]),
    Question("or of nothing", {"$or": []}, by_hand=[]),
    Question("since, in seconds", gt("started_at", START_US // US + 237 * 3600), by_hand=[237, 238, 239]),
    Question("until, as a text", {"$lt": [get("started_at"), lit("2026-09-21T15:30:00Z")]}),
    Question("a time that is none", gt("started_at", "yesterday"), by_hand=[]),
    Question("not ended", eq("ended_at", None), by_hand=[n for n in EVERY if n % 40 == 39]),
    Question("status", eq("summary.weave.status", "error"), by_hand=[n for n in EVERY if n % 20 == 7]),
    Question("another status", eq("summary.weave.status", "descendant_error")),
    Question("slow", {"$gte": [get("summary.weave.latency_ms"), lit(804)]},
             by_hand=[n for n in EVERY if n % 10 in {8, 9} and n % 40 != 39]),
    Question("trace name", eq("summary.weave.trace_name", "bare"), by_hand=[n for n in EVERY if n % 30 == 4]),
    Question("display name", has("display_name", "NAME 1", ignore=True)),
    Question("usage", gt("summary.usage.gpt.completion_tokens", 470), by_hand=[236, 237, 238]),
    Question("attributes", eq("attributes.env", "prod"), by_hand=[n for n in EVERY if n % 2]),
    Question("parent", eq("parent_id", None), by_hand=[n for n in EVERY if n % 6 == 0]),
    Question("run step", {"$gte": [get("wb_run_step"), lit(216)]}, by_hand=[216, 225, 234]),
    Question("feedback's payload", gt(f"{JUDGE}.payload.output.score", 215), by_hand=[220, 230]),
    Question("feedback's second", eq(f"{JUDGE}.payload.output.score", 21), by_hand=[20]),
    Question("no feedback", eq(f"{JUDGE}.payload.output", None), by_hand=[n for n in EVERY if n % 10]),
    Question("scored by", eq(f"{JUDGE}.runnable_ref", "weave:///t/p/op/judge:v1"),
             by_hand=[n for n in EVERY if n % 20 == 0]),
    Question("any feedback", has("feedback.[*].payload.alias", "thumbs"), by_hand=[n for n in EVERY if n % 30 == 0]),
    Question("feedback exists", to("exists", "feedback.[wandb.reaction.1].payload"),
             by_hand=[n for n in EVERY if n % 30 == 0]),
    Question("sorted by a score", sort=[("output.score", "desc")], limit=8),
    Question("sorted by kinds", sort=[("inputs.v", "asc")]),
    Question("sorted by kinds, down", sort=[("inputs.v", "desc")], limit=100),
    Question("sorted by two", sort=[("attributes.env", "desc"), ("inputs.n", "asc")], limit=30),
    Question("sorted by latency", sort=[("summary.weave.latency_ms", "desc")], limit=40),
    Question("sorted by name", sort=[("display_name", "asc")], limit=40),
    Question("sorted by op", sort=[("op_name", "desc")], limit=50),
    Question("sorted by feedback", sort=[(f"{JUDGE}.payload.output.score", "desc")], limit=20),
    Question("filtered, asked and sorted", gt("inputs.n", 50), {"op_names": ["weave:///t/p/op/score:*"]},
             [("started_at", "desc")], 5, 2),
]  # fmt: skip
