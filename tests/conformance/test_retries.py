"""What the clients do after a refusal: they wait as long as they are told to, and do not repeat what cannot help."""

import threading
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from conformance.server import ECHO, Weft, wait_until

pytestmark = pytest.mark.conformance

BUSY = "test/busy"


@pytest.fixture
def patient(small_weft: Weft) -> Iterator[openai.OpenAI]:
    """A client as it comes: it tries up to three times."""
    with openai.OpenAI(base_url=small_weft.url, api_key=small_weft.api_key) as client:
        yield client


def ask(client: openai.OpenAI, text: str, **more: Any) -> Any:
    create: Any = client.chat.completions.create
    return create(messages=[{"role": "user", "content": text}], **{"model": BUSY, **more})


def test_client_when_the_engine_is_full_then_waits_as_told_and_succeeds(
    small_weft: Weft, patient: openai.OpenAI
) -> None:
    wait_until(lambda: small_weft.in_flight(BUSY) == 0)
    hold = ask(patient, "[[fake: tokens=1000 delay_ms=20]] hold", stream=True)
    next(iter(hold))
    once = patient.with_options(max_retries=0)
    with pytest.raises(openai.InternalServerError) as caught:
        ask(once, "hello")
    assert caught.value.status_code == 503
    assert caught.value.response.headers["retry-after"] == "5"
    release = threading.Timer(1.0, hold.close)
    release.start()
    raw = patient.chat.completions.with_raw_response.create(
        model=BUSY, messages=[{"role": "user", "content": "hello"}]
    )
    release.join()
    assert raw.parse().choices[0].message.content == "hello"
    assert raw.retries_taken == 1


def test_client_when_told_that_retrying_is_no_use_then_asks_once(weft: Weft) -> None:
    before = weft.total_requests()
    with (
        openai.OpenAI(
            base_url=weft.url, api_key=weft.api_key, project="admin/inference", max_retries=2
        ) as client,
        pytest.raises(openai.RateLimitError) as caught,
    ):
        ask(client, "hello", model=ECHO)
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert caught.value.response.request.headers["x-stainless-retry-count"] == "0"
    assert weft.total_requests() == before
