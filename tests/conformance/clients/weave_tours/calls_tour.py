"""Calls: every way to make them, read them, change them and delete them."""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import weave
from watch import Tour

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()


@weave.op
def add(a: int, b: int) -> int:
    return a + b


@weave.op(name="outer", call_display_name="named at birth")
def outer(n: int) -> dict:
    with weave.attributes({"level": "inner", "n": n}):
        found = add(n, 1)
    weave.set_view("page", "# A page", extension="md")
    weave.require_current_call().summary["mine"] = {"x": n}
    return {"sum": found, "current": weave.get_current_call().id}


@weave.op
def fails(words: str) -> None:
    raise ValueError(f"no {words}")


@weave.op
def outer_fails() -> None:
    try:
        fails("luck")
    except ValueError:
        return


def gathered(so_far, number):
    return [*(so_far or []), number]


@weave.op(accumulator=gathered)
def counts(n: int):
    yield from range(n)


@weave.op(accumulator=gathered)
async def counts_slowly(n: int):
    for number in range(n):
        yield number


@weave.op
async def waits(n: int) -> int:
    await asyncio.sleep(0)
    return add(n, n)


@weave.op
def add_one(value: int) -> int:
    return value + 1


with tour:

    @tour.step
    def sync_ops():
        result, call = outer.call(4)
        client.flush()
        read = client.get_call(call.id)
        children = list(read.children())
        return {
            "result": result["sum"],
            "is_itself": result["current"] == call.id,
            "op_name": read.op_name,
            "func_name": read.func_name,
            "display_name": read.display_name,
            "output": dict(read.output),
            "inputs": dict(read.inputs),
            "status": read.summary["weave"]["status"],
            "latency_ms": read.summary["weave"]["latency_ms"],
            "mine": read.summary["mine"]["x"],
            "counts": dict(read.summary["status_counts"]),
            "children": [child.func_name for child in children],
            "same_trace": children[0].trace_id == read.trace_id
            and children[0].parent_id == read.id,
            "attributes": [children[0].attributes["level"], children[0].attributes["n"]],
            "ended": read.ended_at >= read.started_at,
            "ui_url": read.ui_url,
            "as_dict": sorted(read.to_dict()),
            "ref": read.ref.uri == f"weave:///{PROJECT}/call/{call.id}",
            "user": read.wb_user_id,
        }

    @tour.step
    def exceptions():
        _result, call = outer_fails.call()
        client.flush()
        read = client.get_call(call.id)
        [child] = read.children()
        return {
            "status": read.summary["weave"]["status"],
            "child": child.summary["weave"]["status"],
            "exception": child.exception,
            "counts": dict(read.summary["status_counts"]),
        }

    @tour.step
    def generators_and_async():
        async def collect():
            return [number async for number in counts_slowly(3)]

        plain, slow, waited = list(counts(3)), asyncio.run(collect()), asyncio.run(waits(2))
        with ThreadPoolExecutor(2) as pool:
            pooled = list(pool.map(add, range(4), range(4)))
        client.flush()
        read = {c.func_name: c for c in client.get_calls() if c.func_name.startswith("counts")}
        return [
            plain,
            slow,
            waited,
            pooled,
            list(read["counts"].output),
            list(read["counts_slowly"].output),
        ]

    @tour.step
    def imperative():
        call = client.create_call(
            "by hand", {"q": 1}, display_name="mine", attributes={"a": {"b": 1}}
        )
        inner = client.create_call("inner by hand", {"deep": {"list": [1, {"x": 2}]}}, parent=call)
        client.finish_call(inner, {"answer": 42})
        client.fail_call(call, RuntimeError("by hand"))
        logged = weave.log_call("logged", {"q": 2}, {"out": True}, use_stack=False)
        client.flush()
        read, child = client.get_call(call.id), client.get_call(inner.id)
        return {
            "exception": read.exception,
            "parent": child.parent_id == call.id,
            "deep": child.inputs["deep"]["list"][1]["x"],
            "output": child.output["answer"],
            "attribute": read.attributes["a"]["b"],
            "logged": client.get_call(logged.id).output["out"],
        }

    @tour.step
    def display_names():
        _result, call = add.call(1, 1)
        client.flush()
        call.set_display_name("first")
        client.flush()
        first = client.get_call(call.id).display_name
        call.set_display_name("second ✓")
        client.flush()
        second = client.get_call(call.id).display_name
        call.remove_display_name()
        client.flush()
        return [first, second, client.get_call(call.id).display_name]

    @tour.step
    def threads_and_turns():
        with weave.thread("talk-1"):
            outer(1)
            outer(2)
        client.flush()
        calls = list(client.get_calls(filter={"thread_ids": ["talk-1"]}))
        turns = [c for c in calls if c.turn_id == c.id]
        return {
            "calls": len(calls),
            "turns": len(turns),
            "by_turn": len(client.get_calls(filter={"turn_ids": [turns[0].id]})),
            "none": len(client.get_calls(filter={"thread_ids": []})),
        }

    @tour.step
    def runs():
        client.set_wandb_run_context("run7", step=3)
        _result, call = add.call(7, 7)
        client.clear_wandb_run_context()
        client.flush()
        read = client.get_call(call.id)
        found = client.get_calls(filter={"wb_run_ids": [f"{PROJECT}/run7"]})
        return [read.wb_run_id, read.wb_run_step, len(found)]

    @tour.step
    def queries():
        for n in range(25):
            weave.log_call(
                "sampled", {"n": n, "word": f"word {n}"}, {"score": n / 10}, use_stack=False
            )
        client.flush()
        name = f"weave:///{PROJECT}/op/sampled:*"
        calls = client.get_calls(filter={"op_names": [name]})
        over = {
            "$expr": {
                "$gt": [
                    {"$convert": {"input": {"$getField": "output.score"}, "to": "double"}},
                    {"$literal": 2.0},
                ]
            }
        }
        ordered = client.get_calls(
            filter={"op_names": [name]},
            sort_by=[{"field": "inputs.n", "direction": "desc"}],
            limit=3,
            columns=["inputs.n"],
        )
        wide = client.get_calls(
            filter={"op_names": [name]},
            limit=2,
            offset=1,
            include_costs=True,
            include_feedback=True,
            include_storage_size=True,
            include_total_storage_size=True,
            include_usernames=True,
            page_size=1,
        )
        widest = list(wide)
        return {
            "len": len(calls),
            "slice": [c.inputs["n"] for c in calls[2:5]],
            "index": calls[3].inputs["n"],
            "iterated": len(list(calls)),
            "query": len(client.get_calls(filter={"op_names": [name]}, query=over)),
            "ordered": [c.inputs["n"] for c in ordered],
            "size": widest[0].storage_size_bytes,
            "username": widest[0].wb_username,
            "page": [c.inputs["n"] for c in widest],
            "contains": len(
                client.get_calls(
                    query={
                        "$expr": {
                            "$contains": {
                                "input": {"$getField": "inputs.word"},
                                "substr": {"$literal": "WORD 1"},
                                "case_insensitive": True,
                            }
                        }
                    }
                )
            ),
            "ids": len(client.get_calls(filter={"call_ids": [calls[0].id, calls[1].id, "none"]})),
            "roots": len(client.get_calls(filter={"op_names": [name], "trace_roots_only": True})),
        }

    @tour.step
    def scorers():
        class Close(weave.Scorer):
            margin: int

            @weave.op
            def score(self, output: int) -> dict:
                return {"close": abs(output) < self.margin}

        result, call = add_one.call(3)
        applied = asyncio.run(call.apply_scorer(Close(margin=10)))
        client.flush()
        read = client.get_call(call.id, include_feedback=True)
        feedback = read.summary["weave"]["feedback"]
        scored = list(client.get_calls(scored_by=["Close"]))
        return {
            "result": result,
            "scored": applied.result,
            "types": [item["feedback_type"] for item in feedback],
            "output": feedback[0]["payload"]["output"],
            "by": [c.id == call.id for c in scored],
        }

    @tour.step
    def deletes():
        _result, call = outer.call(9)
        _result, other = add.call(1, 2)
        _result, third = add.call(1, 3)
        client.flush()
        child = next(iter(client.get_call(call.id).children())).id
        call.delete()
        client.delete_calls([other.id])
        client.delete_call(third)
        gone = []
        for call_id in (call.id, child, other.id, third.id):
            try:
                client.get_call(call_id)
                gone.append(False)
            except ValueError:
                gone.append(True)
        return gone

    @tour.step
    def odd_values():
        odd = {
            "text": "naïve ☕ \U0001f600 \x00 \\u0041",
            "nan": float("nan"),
            "inf": float("inf"),
            "huge": 2**70,
            "empty": {},
            "nested": [[[]], None, True],
            "": "an empty key",
            "a.b": "a key with a dot",
        }
        call = weave.log_call("odd", odd, odd, use_stack=False)
        client.flush()
        read = client.get_call(call.id).to_dict()["output"]
        return {key: read[key] for key in odd}

    @tour.step
    def ends():
        waiting = threading.Thread(target=add, args=(5, 5))
        waiting.start()
        waiting.join()
        client.finish()
        weave.finish()
        again = weave.init(PROJECT)
        return {
            "outstanding": client.num_outstanding_jobs,
            "project": again.project_id,
            "client": weave.get_client() is again,
            "total": len(again.get_calls()) > 40,
            "endpoint": weave.otel_traces_endpoint(),
        }


tour.tell()
