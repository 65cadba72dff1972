import pytest

from weft.gateway import engine_errors
from weft.gateway.idempotency.types import Last
from weft.gateway.idempotency.verdict import is_kept
from weft.upstream import ConnectFailed, ConnectionClosed


def whole(status: int, data: bytes = b"{}") -> Last:
    return Last(status, b"", data, is_stream=False)


@pytest.mark.parametrize("status", [200, 400, 404, 422, 500, 502, 504])
def test_answer_when_it_says_what_stays_so_or_cost_work_then_is_kept(status: int) -> None:
    assert is_kept(whole(status), was_cut=False)


@pytest.mark.parametrize("status", [401, 402, 403, 408, 413, 429, 499, 503])
def test_answer_when_the_work_was_not_begun_then_is_not_kept(status: int) -> None:
    assert not is_kept(whole(status), was_cut=False)


@pytest.mark.parametrize("sent", [False, True])
def test_answer_when_the_engine_failed_then_is_kept_if_it_may_have_seen_the_request(
    sent: bool,
) -> None:
    kind = ConnectionClosed if sent else ConnectFailed
    error = engine_errors.from_upstream(kind("gone", sent=sent, responded=False))
    assert error.status == 502
    assert is_kept(whole(502, error.envelope()), was_cut=False) is sent


def test_answer_when_502_is_no_json_then_is_kept() -> None:
    assert is_kept(whole(502, b"nonsense"), was_cut=False)


@pytest.mark.parametrize("last", [b"data: [DONE]\n\n", b'data: {"error":{}}\n\n'])
def test_stream_when_it_had_begun_then_is_kept_however_it_ended(last: bytes) -> None:
    assert is_kept(Last(200, b"", last, is_stream=True), was_cut=False)


def test_stream_when_the_server_cut_it_then_is_kept_only_if_whole() -> None:
    done = Last(200, b"", b"data: {}\n\ndata: [DONE]\n\n", is_stream=True)
    cut = Last(200, b"", b'data: {"error":{}}\n\n', is_stream=True)
    assert is_kept(done, was_cut=True)
    assert not is_kept(cut, was_cut=True)
