"""Which of the catalog's architectures vLLM loads on a CPU, and what it does there; tiny checkpoints, one by one.

    .venv/bin/python bench/engine/vllm_cpu.py --python VENV/bin/python            all of them
    .venv/bin/python bench/engine/vllm_cpu.py --python VENV/bin/python gpt-oss    some

VENV holds `vllm-cpu` and a CPU build of torch, and neither torchvision nor torchaudio (they are built for another
torch and keep vLLM from starting). vLLM takes about a minute to be ready and 4 GB of memory, so there is one at a
time. Checkpoints come from tools/tiny_models; numbers are held against tests/architectures/reference.json. What each
did goes to bench/results/TIME.jsonl as it is found out, and as a table to TIME.md.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # for tools.tiny_models
sys.path.append(str(ROOT / "bench" / "gateway"))

from tools.tiny_models.families import FAMILIES  # noqa: E402
from tools.tiny_models.make import make  # noqa: E402

from processes import end_cleanly_on_sigterm  # noqa: E402

RESULTS = ROOT / "bench" / "results"
CARDS = ROOT / "src" / "weft" / "catalog" / "models"
REFERENCE = ROOT / "tests" / "architectures" / "reference.json"
NAME = "tiny"
LOG = "vllm.log"
READY_TIMEOUT_S = 600.0
ANSWER_TIMEOUT_S = 180.0
DTYPES = ("float32", "bfloat16")
"""Tried in turn: the first compares to the last digit, the second is what some kernels insist on."""
TOOL = {
    "type": "function",
    "function": {
        "name": "switch_lamp",
        "parameters": {
            "type": "object",
            "properties": {"on": {"type": "boolean"}},
            "required": ["on"],
            "additionalProperties": False,
        },
    },
}
QUESTION = [{"role": "user", "content": "Is the lamp on?"}]

_EXCEPTION = re.compile(r"^(?:\(.*?\) )?(?:ERROR .*?\] )?((?:\w+\.)*\w+(?:Error|Exception): .*)")


class Unfit(Exception):
    """What vLLM answered or wrote instead of doing it."""


@dataclass(slots=True)
class Outcome:
    """What came of one family."""

    family: str
    dtype: str = ""
    ready_s: float = 0.0
    reason: str = ""
    """Why it was not loaded, in its words."""
    done: dict[str, str] = field(default_factory=dict[str, str])
    """For each trial "yes" with a detail, or what it said."""


def main() -> None:
    """Try all, one after the other."""
    parser = argparse.ArgumentParser(description="vLLM on a CPU with tiny checkpoints.")
    parser.add_argument(
        "--python", type=Path, required=True, help="of an environment with vllm-cpu"
    )
    parser.add_argument("--dtype", choices=DTYPES, help="this type of number only")
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    options = parser.parse_args()
    end_cleanly_on_sigterm()
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = RESULTS / f"vllm-cpu-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    outcomes: list[Outcome] = []
    dtypes = (options.dtype,) if options.dtype else DTYPES
    with tempfile.TemporaryDirectory() as folder:
        for family in options.families:
            outcomes.append(try_family(options.python, family, dtypes, Path(folder)))
            with record.open("a") as file:
                file.write(json.dumps(asdict(outcomes[-1])) + "\n")
            print(outcomes[-1], flush=True)
    table = render(outcomes)
    record.with_suffix(".md").write_text(table)
    print(f"\n{table}\nwritten to {record.with_suffix('.md')}")


def try_family(python: Path, family: str, dtypes: tuple[str, ...], folder: Path) -> Outcome:
    """Load it with the first type of number that it takes, and ask."""
    model = make(family, folder).hf
    outcome = Outcome(family)
    for dtype in dtypes:
        started_s = time.monotonic()
        try:
            with running_vllm(python, model, arguments(family, dtype), folder) as url:
                outcome.dtype, outcome.reason = dtype, ""
                outcome.ready_s = round(time.monotonic() - started_s, 1)
                outcome.done = {name: attempt(trial, url, family) for name, trial in TRIALS.items()}
                return outcome
        except Unfit as unfit:
            outcome.reason = str(unfit)
            shutil.copy(folder / LOG, RESULTS / f"vllm-cpu-{family}-{dtype}.log")
    return outcome


def arguments(family: str, dtype: str) -> list[str]:
    """What the catalog says about parsers, and what a small machine needs."""
    words = ["--dtype", dtype, "--max-model-len", "2048", "--max-num-seqs", "4", "--enforce-eager"]
    card = card_of(FAMILIES[family].models[0])["engines"]["vllm"]
    if parser := card.get("tool_call_parser"):
        words += ["--enable-auto-tool-choice", "--tool-call-parser", parser]
    if parser := card.get("reasoning_parser"):
        words += ["--reasoning-parser", parser]
    if FAMILIES[family].architecture.write_vision:
        words += ["--limit-mm-per-prompt", '{"image": 0}']
    return words


def card_of(model: str) -> dict[str, Any]:
    """The card that ships."""
    for path in CARDS.glob("*.toml"):
        card = tomllib.loads(path.read_text())
        if card["id"] == model:
            return card
    raise KeyError(model)


@contextlib.contextmanager
def running_vllm(python: Path, model: Path, words: list[str], folder: Path) -> Generator[str]:
    """Start it and wait until it is healthy; ends with all that it started.

    Raises:
        Unfit: it ended, or was not ready in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / LOG
    environ = os.environ | {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    module = [str(python), "-m", "vllm.entrypoints.openai.api_server", "--host", "127.0.0.1"]
    command = [*module, "--port", str(port), "--model", str(model), "--served-model-name", NAME]
    with (
        log.open("w") as out,
        subprocess.Popen(
            [*command, *words], stdout=out, stderr=out, env=environ, cwd=folder
        ) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            await_health(process, url, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def await_health(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Look each second."""
    until = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Unfit(last_error(log))
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(1)
        else:
            return
    raise Unfit(f"not ready after {READY_TIMEOUT_S:.0f} s")


def last_error(log: Path) -> str:
    """The last exception that its log names, but for those that only say that another process has failed."""
    lines = log.read_text(errors="replace").splitlines()
    named = [found[1] for line in lines if (found := _EXCEPTION.match(line))]
    told = [text for text in named if "initialization failed" not in text]
    return (told or named or lines or ["no word"])[-1][:300]


def attempt(trial: Callable[[str, str], str], url: str, family: str) -> str:
    """What came of one trial."""
    try:
        return trial(url, family)
    except Unfit as unfit:
        return f"no: {unfit}"


def post(url: str, path: str, **fields: object) -> Any:
    """JSON, with what it says instead as an error."""
    request = urllib.request.Request(
        f"{url}/v1/{path}",
        json.dumps({"model": NAME, **fields}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT_S) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise Unfit(f"{error.code} {error.read().decode(errors='replace')[:200]}") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise Unfit(repr(error)) from error


def chat(url: str, **fields: object) -> dict[str, Any]:
    """The choice."""
    return post(url, "chat/completions", messages=QUESTION, **fields)["choices"][0]


def generates(url: str, _family: str) -> str:
    """Twelve tokens."""
    answer = post(url, "chat/completions", messages=QUESTION, max_tokens=12, ignore_eos=True)
    tokens = answer["usage"]["completion_tokens"]
    return "yes" if tokens == 12 else f"no: {tokens} tokens"


def numbers(url: str, family: str) -> str:
    """How far its log probabilities are from transformers', at most."""
    said = json.loads(REFERENCE.read_text())[family]
    furthest = 0.0
    for count, expected in said["next"].items():
        answer = post(
            url,
            "completions",
            prompt=said["ids"][: int(count)],
            max_tokens=1,
            logprobs=5,
            temperature=0,
            return_tokens_as_token_ids=True,
        )
        found = answer["choices"][0]["logprobs"]["top_logprobs"][0]
        for token, logprob in expected[:2]:
            furthest = max(furthest, abs(found.get(f"token_id:{token}", -99.0) - logprob))
    return f"{furthest:.4f}"


def logprobs(url: str, _family: str) -> str:
    """One for each token."""
    choice = chat(url, max_tokens=8, ignore_eos=True, logprobs=True, top_logprobs=2)
    return "yes" if len(choice["logprobs"]["content"]) == 8 else "no: one is missing"


def tools(url: str, _family: str) -> str:
    """A call that is named; of a required one vLLM lets a model that knows no end make a list without end."""
    named = {"type": "function", "function": {"name": "switch_lamp"}}
    choice = chat(url, tools=[TOOL], tool_choice=named, max_tokens=400)
    calls = choice["message"].get("tool_calls") or []
    if not calls:
        return f"no: {choice['finish_reason']}"
    told = calls[0]["function"]["arguments"]
    return "yes" if is_as_asked(told) else f"no: {told[:100]!r}"


def is_as_asked(text: str) -> bool:
    """Whether it is the object that the schema asks for."""
    try:
        return json.loads(text) in ({"on": True}, {"on": False})
    except ValueError:
        return False


def schema(url: str, _family: str) -> str:
    """JSON by a schema."""
    form = {"name": "lamp", "schema": TOOL["function"]["parameters"]}  # type: ignore[index]
    choice = chat(url, response_format={"type": "json_schema", "json_schema": form}, max_tokens=400)
    content = choice["message"]["content"] or ""
    return "yes" if is_as_asked(content) else f"no: {content[:60]!r}"


def reasoning(url: str, family: str) -> str:
    """Thought apart from answer, for those that think."""
    capabilities = card_of(FAMILIES[family].models[0])["capabilities"]
    if capabilities.get("reasoning", "none") == "none":
        return "-"
    message = chat(url, max_tokens=300, ignore_eos=True)["message"]
    return "yes" if message.get("reasoning") else "no: none told"


TRIALS: dict[str, Callable[[str, str], str]] = {
    "generates": generates,
    "numbers": numbers,
    "logprobs": logprobs,
    "tools": tools,
    "JSON": schema,
    "reasoning": reasoning,
}


def render(outcomes: list[Outcome]) -> str:
    """The table, as Markdown."""
    head = ["family", "loads", "ready s", *TRIALS]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for outcome in outcomes:
        loads = outcome.dtype or f"no: {outcome.reason}"
        cells = [outcome.done.get(name, "") for name in TRIALS]
        cells = [outcome.family, loads, str(outcome.ready_s or ""), *cells]
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
