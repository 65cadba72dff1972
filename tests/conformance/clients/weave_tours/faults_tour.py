"""What the client does when the server answers badly; a proxy in between is told when to."""

import json
import os
import sys
import urllib.request

import weave
from watch import Tour

PROJECT = sys.argv[1]
PROXY = os.environ["WANDB_BASE_URL"]
client = weave.init(PROJECT)
tour = Tour()


def rule(path="", status=0, times=10_000, **more):
    """Set a rule, or none; how many requests the one before saw."""
    wanted = {"path": path, "status": status, "times": times, **more} if path else {}
    request = urllib.request.Request(PROXY + "/__rule", json.dumps(wanted).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["asked"]


def arrived(name):
    return sorted(call.inputs["n"] for call in client.get_calls() if call.func_name == name)


def log(name, count=4, **more):
    for n in range(count):
        weave.log_call(name, {"n": n, **more}, n, use_stack=False)
    client.flush()


with tour:

    @tour.step
    def unavailable_for_a_moment():
        found = {}
        for status in (500, 503, 429, 408, 409):
            rule("calls/complete", status, times=1)
            log(f"moment-{status}")
            found[status] = [rule() > 1, arrived(f"moment-{status}")]
        return found

    @tour.step
    def refused():
        found = {}
        for status in (400, 401, 403, 404):
            rule("calls/complete", status)
            log(f"refused-{status}")
            found[status] = [rule(), arrived(f"refused-{status}")]
        log("after-refusal")
        return {**found, "after": arrived("after-refusal")}

    @tour.step
    def too_large():
        rule("calls/complete", 413, over=1)
        log("large")
        return [rule() > 1, arrived("large")]

    @tour.step
    def one_is_bad():
        rule("calls/complete", 422, bad="venom")
        for n in range(4):
            weave.log_call(
                "poisoned", {"n": n, "word": "venom" if n == 2 else "fine"}, n, use_stack=False
            )
        client.flush()
        rule()
        return arrived("poisoned")

    @tour.step
    def objects_fail_for_a_moment():
        rule("obj/create", 500, times=2)
        ref = weave.publish({"v": 1}, name="late")
        client.flush()
        asked = rule()
        return [asked, weave.ref(ref.uri).get()["v"]]

    @tour.step
    def files_are_refused():
        rule("file/create", 403)

        @weave.op
        def without_code(n: int) -> int:
            return n

        without_code(1)
        client.flush()
        rule()
        return arrived("without_code")

    @tour.step
    def reads_fail_for_a_moment():
        rule("calls/stream_query", 502, times=1)
        found = arrived("large")
        rule()
        return found


tour.tell()
