"""A stand-in for Stripe's API: answers over HTTP as it does, and keeps what the real library sent."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qsl

import stripe

WEBHOOK_SECRET = "whsec_" + "w" * 32
_sign = cast(
    "Callable[[str, str, int], str]",
    stripe.WebhookSignature.generate_signature_header,  # pyright: ignore[reportUnknownMemberType] - half of its types are missing
)
SECRET_KEY = "sk_test_" + "k" * 32


@dataclass(frozen=True)
class Sent:
    """One request of the library."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class StripeStandIn:
    """What came in, and what goes out."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list[Sent])
    failures: list[int] = field(default_factory=list[int])
    """Statuses of the next answers, before it works."""

    def answer(self, request: Sent) -> tuple[int, object]:
        self.sent.append(request)
        if self.failures:
            status = self.failures.pop(0)
            return status, {"error": {"type": "api_error", "code": "odd", "message": "no"}}
        if request.path != "/v1/checkout/sessions":
            return 404, {"error": {"type": "invalid_request_error", "message": "no such path"}}
        session_id = f"cs_test_{len(self.sent)}"
        page = f"https://checkout.stripe.test/c/pay/{session_id}"
        return 200, {"id": session_id, "object": "checkout.session", "url": page}


@contextmanager
def stripe_stand_in() -> Generator[StripeStandIn]:
    here = StripeStandIn()

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = here.answer(Sent(self.path, headers, dict(parse_qsl(body.decode()))))
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(body: str, *, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> dict[str, str]:
    """The header that Stripe would send with `body`, by the library's own signing."""
    stamp = int(time.time()) - age_s
    header = _sign(body, secret, stamp)
    return {"stripe-signature": header, "content-type": "application/json"}


def event(kind: str, what: dict[str, object], event_id: str = "evt_1") -> str:
    """An event as Stripe posts it."""
    return json.dumps(
        {
            "id": event_id,
            "object": "event",
            "api_version": "2026-09-30.dahlia",
            "type": kind,
            "data": {"object": what},
            "livemode": False,
        }
    )


def session(purchase_id: str, **changes: object) -> dict[str, object]:
    """A checkout session of 25 dollars that was paid."""
    paid: dict[str, object] = {
        "id": "cs_test_1",
        "object": "checkout.session",
        "amount_subtotal": 2500,
        "amount_total": 2500,
        "client_reference_id": purchase_id,
        "currency": "usd",
        "payment_intent": "pi_1",
        "payment_status": "paid",
        "metadata": {"weft_purchase": purchase_id},
    }
    return paid | changes


def charge(purchase_id: str, refunded: int, **changes: object) -> dict[str, object]:
    """A charge of 25 dollars, of which `refunded` cents were paid back."""
    paid: dict[str, object] = {
        "id": "ch_1",
        "object": "charge",
        "amount": 2500,
        "amount_refunded": refunded,
        "currency": "usd",
        "payment_intent": "pi_1",
        "metadata": {"weft_purchase": purchase_id},
    }
    return paid | changes
