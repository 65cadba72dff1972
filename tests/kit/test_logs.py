"""Log lines: their form, and that the request log never holds anybody up."""

import asyncio
import io
import json
import logging
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest
import structlog

from weft.kit import logs
from weft.kit.logs import RequestLog, configure_logging, open_request_log
from weft.kit.settings import Settings


class Finished(msgspec.Struct, omit_defaults=True):
    request_id: str = ""
    status: int = 0
    total_ms: float = 0.0
    error: str | None = None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.reset_defaults()


@pytest.fixture
async def pipe() -> AsyncIterator[tuple[int, BinaryIO]]:
    """A reading end and a writing end, with nobody reading yet."""
    reading, writing = os.pipe()
    with open(writing, "wb") as stream:  # noqa: ASYNC230, PTH123 - a pipe
        yield reading, stream
        os.close(reading)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_log_when_not_a_terminal_then_json(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logging(settings, stream)
    structlog.get_logger("weft.engines").info("engine_started", engine="tiny", port=1)
    [line] = lines(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "engine_started",
        "level": "info",
        "logger": "weft.engines",
        "engine": "tiny",
        "port": 1,
    }


def test_log_when_a_library_logs_then_the_form_is_the_same(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logging(settings, stream)
    logging.getLogger("uvicorn.error").warning("hello %s", "there")
    [line] = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "hello there",
        "warning",
        "uvicorn.error",
    )


def test_log_when_uvicorn_logs_an_access_then_nothing_is_written(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logging(settings, stream)
    logging.getLogger("uvicorn.access").info("GET /")
    assert stream.getvalue() == ""


def test_log_when_an_exception_travels_then_json_has_its_frames(settings: Settings) -> None:
    stream = io.StringIO()
    configure_logging(settings, stream)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("weft").exception("work_failed")
    [line] = lines(stream)
    assert line["event"] == "work_failed"
    assert "broken" in json.dumps(line["exception"])


def test_log_when_an_exception_travels_then_json_shows_no_local_variable(
    settings: Settings,
) -> None:
    stream = io.StringIO()
    configure_logging(settings, stream)
    prompt = "the user's own words"
    try:
        raise ValueError(len(prompt))
    except ValueError:
        logging.getLogger("weft").exception("work_failed")
    assert prompt not in stream.getvalue()


@pytest.mark.parametrize(("level", "written"), [("info", 0), ("debug", 2)])
def test_log_when_the_level_is_set_then_it_holds_for_both_ways(
    settings: Settings, level: str, written: int
) -> None:
    stream = io.StringIO()
    configure_logging(settings.model_copy(update={"log_level": level}), stream)
    structlog.get_logger("weft").debug("looked")
    logging.getLogger("weft").debug("looked")
    assert len(lines(stream)) == written


@pytest.mark.parametrize(
    ("form", "stream", "json_form"),
    [
        ("auto", Terminal(), False),
        ("json", Terminal(), True),
        ("pretty", io.StringIO(), False),
        ("auto", io.StringIO(), True),
    ],
)
def test_log_when_the_form_is_set_then_the_stream_decides_only_for_auto(
    settings: Settings, form: str, stream: io.StringIO, json_form: bool
) -> None:
    configure_logging(settings.model_copy(update={"log_format": form}), stream)
    structlog.get_logger("weft").info("engine_started")
    assert stream.getvalue().startswith("{") is json_form
    assert "engine_started" in stream.getvalue()


async def test_request_log_when_closed_then_every_line_is_there_in_order() -> None:
    stream = io.BytesIO()
    log = RequestLog(stream)
    for number in range(500):
        log.write(Finished(request_id=f"req_{number}", status=200, total_ms=1.5))
    await log.close()
    written = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["request_id"] for line in written] == [f"req_{n}" for n in range(500)]
    first = written[0]
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "level": "info",
        "event": "request_finished",
        "request_id": "req_0",
        "status": 200,
        "total_ms": 1.5,
    }
    assert log.lost == 0


async def test_request_log_when_a_line_has_no_fields_then_it_is_still_json() -> None:
    stream = io.BytesIO()
    log = RequestLog(stream)
    log.write({})
    await log.close()
    assert json.loads(stream.getvalue())["event"] == "request_finished"


async def test_request_log_when_nobody_closes_then_the_loop_flushes(
    pipe: tuple[int, BinaryIO],
) -> None:
    reading, stream = pipe
    log = RequestLog(stream)
    log.write({"status": 200})
    line = await asyncio.wait_for(asyncio.to_thread(os.read, reading, 4096), 10)
    assert json.loads(line)["status"] == 200
    await log.close()


async def test_request_log_when_the_reader_stands_still_then_lines_are_dropped_and_counted(
    pipe: tuple[int, BinaryIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_WAITING_LINES", 100)
    reading, stream = pipe
    log = RequestLog(stream)
    for _ in range(100):
        log.write({"filler": "x" * 5000})  # together more than a pipe holds
    log.flush()
    for _ in range(30):
        log.write({"status": 200})
    log.flush()
    assert log.lost == 30
    reader = threading.Thread(target=_drain, args=(reading,), daemon=True)
    reader.start()
    await log.close()
    await asyncio.to_thread(reader.join, 10)
    assert not reader.is_alive()


def _drain(reading: int) -> None:
    with open(reading, "rb", closefd=False) as stream:
        for _ in range(100):
            stream.readline()


async def test_request_log_when_the_reader_is_gone_then_requests_go_on() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = open(writing, "wb", buffering=0)  # noqa: ASYNC230, PTH123, SIM115 - a pipe
    log = RequestLog(stream)
    log.write({"status": 200})
    log.flush()
    log.write({"status": 200})
    await log.close()
    assert log.lost == 2
    stream.close()


async def test_request_log_when_closed_then_later_lines_are_lost_not_raised() -> None:
    stream = io.BytesIO()
    log = RequestLog(stream)
    await log.close()
    await log.close()
    log.write({"status": 200})
    log.flush()
    assert log.lost == 1
    assert stream.getvalue() == b""


async def test_request_log_when_pretty_then_empty_fields_are_left_out_and_nothing_escapes() -> None:
    stream = io.BytesIO()
    log = RequestLog(stream, pretty=True)
    log.write(
        {"status": 404, "model": "a\x1b[31m\nb c", "error": "", "key": None, "total_ms": 12.3456789}
    )
    await log.close()
    _time, rest = stream.getvalue().decode().split(" ", 1)
    assert rest == ('request_finished status=404 model="a\\u001b[31m\\nb c" total_ms=12.3457\n')


async def test_open_when_the_settings_want_none_then_none(settings: Settings) -> None:
    assert open_request_log(settings.model_copy(update={"log_requests": False})) is None


async def test_open_when_wanted_then_it_writes_to_the_stream(
    settings: Settings, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("w") as stream:
        log = open_request_log(settings, stream)
        assert log is not None
        log.write({"status": 200})
        await log.close()
    assert json.loads((tmp_path / "log").read_text())["status"] == 200
