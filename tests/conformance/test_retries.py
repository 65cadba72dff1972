"""What the clients do after a refusal: they wait as long as they are told to, and ask again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest

from conformance.programs import tour_node
from conformance.server import Weft, wait_until

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


def test_clients_when_the_engine_is_full_then_wait_as_told_and_succeed(
    small_weft: Weft, patient: openai.OpenAI
) -> None:
    wait_until(lambda: small_weft.in_flight(BUSY) == 0)
    hold = ask(patient, "[[fake: tokens=5000 delay_ms=20]] hold", stream=True)
    next(iter(hold))
    with pytest.raises(openai.InternalServerError) as caught:
        ask(patient.with_options(max_retries=0), "hello")
    assert caught.value.status_code == 503
    assert caught.value.response.headers["retry-after"] == "5"
    before = small_weft.total_requests()
    with ThreadPoolExecutor() as threads:
        create: Any = patient.chat.completions.with_raw_response.create
        messages = [{"role": "user", "content": "hello"}]
        python = threads.submit(create, model=BUSY, messages=messages)
        node = threads.submit(
            tour_node, small_weft, "openai_retry.mjs", small_weft.url, small_weft.api_key, BUSY
        )
        wait_until(lambda: small_weft.total_requests() >= before + 2, within_s=30)
        hold.close()
        assert python.result().parse().choices[0].message.content == "hello"
        assert python.result().retries_taken >= 1
        assert node.result()["text"] == "hello"
        assert node.result()["statuses"][0] == 503
        assert node.result()["statuses"][-1] == 200
