"""Stands in for the `python` of an environment that has vLLM: takes its command line, serves as the fake engine.

`FAKE_VLLM` in the environment says how it behaves: `exit=3` ends at once, `child` starts a process of its own.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from pathlib import Path

from weft.engines.kinds.fake.answers import parse_switches
from weft.engines.kinds.fake.child import FakeEngine

MODULES = {"vllm.entrypoints.openai.api_server", "sglang.launch_server"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-m", dest="module", required=True, choices=MODULES)
    parser.add_argument("--model", "--model-path", required=True)
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--config", type=Path)
    options, _ = parser.parse_known_args()
    behaviour = Path(options.model, "behaviour").read_text("utf-8")
    if behaviour.startswith("exit="):
        sys.exit(int(behaviour.removeprefix("exit=")))
    if options.module.startswith("sglang"):
        secret = options.config.read_text("utf-8").split('"')[1]
        assert (
            options.config.stat().st_mode & 0o077 == 0
            or options.config.parent.stat().st_mode & 0o077 == 0
        )
    else:
        secret = os.environ["VLLM_API_KEY"]
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(options.model, "pids").write_text(f"{os.getpid()} {worker.pid}")
    asyncio.run(serve(behaviour, secret, options.host, options.port))


async def serve(behaviour: str, secret: str, host: str, port: int) -> None:
    engine = FakeEngine(parse_switches(behaviour), secret)
    server = await asyncio.start_server(engine.serve, host, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
