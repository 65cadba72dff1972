"""Runs another's server as a child of Weft: vLLM, SGLang (`python -m weft.engines.kinds.server_child ... -- COMMAND`).

Owns what such a server lacks to be a child: a port, the secret, the line to the parent. Knows no model. The secret goes
by an environment variable or a private file, never by an argument, which every user of the machine could read.
Invariants: the server is in this process's group, so that whoever ends the group ends it; when it ends, this process
does too, with its exit code.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from weft.engines.process.child import add_host, link_to_parent


def main() -> None:
    """Start it, announce it, and wait for its end."""
    options = _parser().parse_args()
    link = link_to_parent()
    # The group is told to end, and so is the server; this process waits for it.
    signal.signal(signal.SIGTERM, _wait_on)
    port = _free_port(options.host)
    command = [*options.command, "--host", options.host, "--port", str(port)]
    environment = dict(os.environ)  # noqa: TID251 - read whole to be handed on
    environment |= dict(pair.partition("=")[::2] for pair in options.set)
    if options.secret_variable:
        environment[options.secret_variable] = link.secret
    with _secret_file(options.secret_flag, link.secret) as words:
        try:
            server = subprocess.Popen([*command, *words], env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - the operator's command
        except OSError as error:
            sys.exit(f"{command[0]} cannot be started: {error.strerror}")
        link.announce(port, options.host)
        sys.exit(_exit_code(server.wait()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alias", required=True, help="the name that answers carry")
    parser.add_argument("--secret-variable", default="", help="hand the secret over in it")
    parser.add_argument("--secret-flag", default="", help="hand it over in a file, as this flag")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    add_host(parser)
    parser.add_argument("command", nargs="+", help="the server, but for its host and port")
    return parser


def _free_port(host: str) -> int:
    """One that nobody has at the moment: the server takes it a little later."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


@contextmanager
def _secret_file(flag: str, secret: str) -> Generator[Sequence[str]]:
    """The words that hand the secret over in a file that only this user can read."""
    if not flag:
        yield ()
        return
    with tempfile.TemporaryDirectory(prefix="weft-") as folder:  # mode 0700
        path = Path(folder, "config.yaml")
        path.write_text(f'{flag}: "{secret}"\n', encoding="utf-8")
        yield ("--config", str(path))


def _wait_on(*_: object) -> None:
    pass


def _exit_code(code: int) -> int:
    """As a shell tells the end by a signal."""
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()
