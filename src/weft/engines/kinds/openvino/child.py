"""Serves one model with OpenVINO GenAI, as a child of Weft (`python -m weft.engines.kinds.openvino.child`).

Owns the order of the start: the line to the parent, the model, the listening socket, the announcement. Invariant: it
listens where it is told and nowhere else, and every request but a look at its health must carry the secret.
"""

import argparse
import asyncio
import sys

import uvloop

from weft.engines.kinds.openvino.api import Api
from weft.engines.kinds.openvino.http import Connection
from weft.engines.kinds.openvino.library import load_library
from weft.engines.kinds.openvino.model import Loading, Model, load
from weft.engines.kinds.openvino.stepper import Stepper
from weft.engines.process.child import ParentLink, add_host, link_to_parent

_SWITCH_S = 0.0005
"""How long a thread may keep the interpreter from another: a step waits for it once, and takes a millisecond itself."""


def main() -> None:
    """Load, announce, serve until the parent is gone."""
    options = _parser().parse_args()
    link = link_to_parent()
    sys.setswitchinterval(_SWITCH_S)
    loading = Loading(
        weights=options.model,
        device=options.device,
        context_tokens=options.context,
        parallel=options.parallel,
        threads=options.threads,
    )
    try:
        model = load(load_library(), loading)
    except (ImportError, RuntimeError, ValueError) as error:
        sys.exit(f"OpenVINO cannot serve {options.model}: {error}")
    uvloop.run(_serve(model, link, name=options.alias, host=options.host))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a GGUF file, or an exported folder")
    parser.add_argument("--alias", required=True, help="the name that answers carry")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--context", type=int, required=True, help="tokens, for all together")
    parser.add_argument("--parallel", type=int, required=True, help="answers made at once")
    parser.add_argument("--threads", type=int, required=True)
    add_host(parser)
    return parser


async def _serve(model: Model, link: ParentLink, *, name: str, host: str) -> None:
    loop = asyncio.get_running_loop()
    stepper = Stepper(model.pipeline, loop)
    api = Api(model, stepper, name=name, secret=link.secret)
    server = await loop.create_server(lambda: Connection(api.answer), host, 0)
    stepper.start()
    link.announce(server.sockets[0].getsockname()[1], host)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
