"""The same small program, whatever the client is set to: calls, objects, an evaluation, and what is read back."""

import asyncio
import sys
import time

import weave
from watch import Tour
from weave.trace.weave_client import get_ref

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()


PATIENCE_S = 20


def sent(read):
    """What `read` gives once it gives anything: with a log of its own, the client sends after it has flushed."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return read()
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@weave.op
def double(n: int) -> int:
    return n * 2


@weave.op
def outer(n: int) -> int:
    return double(n) + double(n)


@weave.op
def right(n: int, output: int) -> bool:
    return output == 2 * n


with tour:

    @tour.step
    def calls():
        _result, call = outer.call(2)
        client.flush()
        read = sent(lambda: client.get_call(call.id))
        return {
            "output": read.output,
            "children": len(list(read.children())),
            "status": read.summary["weave"]["status"],
        }

    @tour.step
    def objects():
        refs = [weave.publish({"v": 1, "list": [1, {"x": "é"}]}, name="thing") for _ in range(2)]
        read = sent(lambda: weave.ref(refs[0].uri).get())
        return {"same": refs[0].digest == refs[1].digest, "x": read["list"][1]["x"]}

    @tour.step
    def evaluation():
        checked = weave.Evaluation(name="doubling", dataset=[{"n": 1}, {"n": 2}], scorers=[right])
        summary = asyncio.run(checked.evaluate(double))
        client.flush()
        rows = sent(lambda: list(client.get_evaluation(get_ref(checked).uri).dataset.rows))
        return {"right": summary["right"]["true_count"], "rows": len(rows)}

    @tour.step
    def total():
        client.flush()
        return len(client.get_calls())


tour.tell()
