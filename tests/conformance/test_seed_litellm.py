"""LiteLLM's page on the hosted service: its samples for the SDK, and its proxy with the configuration it shows."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from conformance import samples
from conformance.litellm_proxy import Proxy, running_proxy
from conformance.programs import NEW_PYTHON, run_python
from conformance.server import TINY, Weft

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("litellm-proxy")]


@pytest.fixture(scope="module")
def proxy(weft: Weft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    config = samples.fill(samples.PROXY_CONFIG, weft, model=TINY)
    config = config.replace("api_key: api-key", f"api_key: {weft.api_key}")
    with running_proxy(config, weft, tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.mark.parametrize("sample", ["whole", "stream"])
def test_sdk_sample_when_run_then_answers_in_json(litellm_seen: Any, sample: str) -> None:
    printed = litellm_seen["samples"][sample]
    assert "Eve" in printed
    assert "answer" in printed
    kind = {"whole": "ModelResponse(", "stream": "ModelResponseStream("}[sample]
    assert printed.startswith(kind)


def test_proxy_when_it_runs_its_pages_config_then_its_request_is_answered(
    weft: Weft, proxy: Proxy
) -> None:
    before = weft.total_requests()
    source = samples.PROXY_REQUEST.replace("litellm-proxy-key", proxy.key)
    source = source.replace("http://0.0.0.0:4000", proxy.url)
    assert "Eve" in run_python(source, weft, python=NEW_PYTHON)
    assert weft.total_requests() == before + 1


def test_proxy_when_streaming_then_passes_the_stream_on(proxy: Proxy) -> None:
    with openai.OpenAI(base_url=proxy.url, api_key=proxy.key, max_retries=0) as client:
        chunks = list(
            client.chat.completions.create(
                model="my-model",
                messages=[{"role": "user", "content": "What is 2 + 2?"}],
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.strip() == "4"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


def test_proxy_when_we_refuse_then_says_so_in_our_words(proxy: Proxy) -> None:
    with (
        openai.OpenAI(base_url=proxy.url, api_key=proxy.key, max_retries=0) as client,
        pytest.raises(openai.BadRequestError, match="maximum context length"),
    ):
        client.chat.completions.create(
            model="my-model", messages=[{"role": "user", "content": "word " * 5000}]
        )
