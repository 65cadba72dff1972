"""A real OpenID Connect provider as a child process, and a person who signs in there."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

SCRIPT = Path(__file__).parents[2] / "conformance" / "clients" / "oidc_provider.mjs"
CLIENT_SECRET = "a secret between the two of them"
START_TIMEOUT_S = 60
_STEPS_LIMIT = 20

ACCOUNTS = {
    "sub-ada": {
        "preferred_username": "ada",
        "email": "ada@example.com",
        "email_verified": True,
    },
    "sub-bob": {
        "preferred_username": "bob@example.org",
        "email": "bob@example.org",
        "email_verified": True,
    },
    "sub-eve": {
        "preferred_username": "eve",
        "email": "ada@example.com",
        "email_verified": False,
    },
    "sub-odd": {"preferred_username": "no name!"},
    "sub-api": {"preferred_username": "api"},
}


@dataclass(frozen=True, slots=True)
class LocalProvider:
    """One that answers."""

    issuer: str

    def sign_in(self, start: str, account: str, *, back_to: str) -> str:
        """What a person does from the provider's first page on; the URL that the provider sends them back to."""
        with httpx.Client(timeout=30) as browser:
            answer = browser.get(start)
            for _ in range(_STEPS_LIMIT):
                if answer.is_redirect:
                    to = urljoin(str(answer.url), answer.headers["location"])
                    if to.startswith(back_to):
                        return to
                    answer = browser.get(to)
                    continue
                assert answer.status_code == 200, answer.text
                prompt = "login" if 'value="login"' in answer.text else "consent"
                form = {"prompt": prompt, "login": account, "password": "any"}
                answer = browser.post(answer.url, data=form)
        raise AssertionError("the provider sends nobody back")

    def cancel(self, start: str, *, back_to: str) -> str:
        """What a person does who changes their mind."""
        with httpx.Client(timeout=30, follow_redirects=True) as browser:
            page = browser.get(start)
            answer = browser.get(f"{page.url}/abort", follow_redirects=False)
            while not (to := urljoin(str(answer.url), answer.headers["location"])).startswith(
                back_to
            ):
                answer = browser.get(to, follow_redirects=False)
        return to


@contextmanager
def running_provider(
    redirects: list[str], accounts: Mapping[str, Mapping[str, object]] | None = None
) -> Generator[LocalProvider]:
    """A provider for as long as the block runs; `make test` installs what it takes."""
    node = shutil.which("node")
    assert node is not None, "single sign-on is tested against a provider that Node.js runs"
    assert (SCRIPT.parent / "node_modules" / "oidc-provider").exists(), f"npm ci in {SCRIPT.parent}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {
        "port": port,
        "redirects": redirects,
        "secret": CLIENT_SECRET,
        "accounts": accounts or ACCOUNTS,
    }
    child = subprocess.Popen(
        [node, str(SCRIPT), json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watchdog = threading.Timer(START_TIMEOUT_S, child.kill)
    watchdog.start()
    try:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline().strip() == "ready"
        watchdog.cancel()
        yield LocalProvider(f"http://127.0.0.1:{port}")
    finally:
        watchdog.cancel()
        child.kill()
        child.communicate(timeout=START_TIMEOUT_S)
