"""What uvicorn is told of our settings."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from weft.app.server import make_server
from weft.kit.settings import Settings


@pytest.mark.parametrize(("asked_s", "given_s"), [(0.2, 1), (1, 1), (2.5, 3), (0, 0)])
def test_drain_when_it_has_a_fraction_then_it_is_not_cut(
    tmp_path: Path, asked_s: float, given_s: int
) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "drain_timeout_s": asked_s})
    server = make_server(FastAPI(), settings, {})
    assert server.config.timeout_graceful_shutdown == given_s
