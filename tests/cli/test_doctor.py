"""`weft doctor`: each check on a thing that is right and on one that is wrong."""

import fcntl
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typing_extensions import override

from weft.app.folder import DataFolder
from weft.app.storage import open_database
from weft.catalog.load import load_catalog
from weft.catalog.types import LlamaCppSpec, ModelCard, OpenVinoSpec
from weft.cli import build
from weft.cli.checks import address, engines, folder, machine
from weft.cli.checks.finding import Finding, Verdict
from weft.cli.doctor import examine
from weft.engines.kinds.openvino import plan as openvino
from weft.kit.settings import Settings

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
MOUNTS = """\
22 27 0:21 / /proc rw - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:50 / /srv/my\\040data rw shared:1 - nfs4 server:/export rw
41 27 0:51 / /srv rw - xfs /dev/sdb rw
42 41 0:52 / /srv rw - btrfs /dev/sdc rw
"""


def verdict(finding: Finding) -> Verdict:
    """The verdict, having made sure that whoever must act is told how."""
    assert finding.says
    assert bool(finding.mend) is (finding.verdict is not OK), finding
    return finding.verdict


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(("version", "wanted"), [((3, 10, 9), FAIL), ((3, 11, 0), OK)])
def test_python_when_old_then_fail(version: tuple[int, ...], wanted: Verdict) -> None:
    assert verdict(machine.check_python(version)) is wanted


@pytest.mark.parametrize(("cores", "wanted"), [(1, WARN), (1.5, WARN), (2, OK)])
def test_cores_when_fewer_than_two_then_warn(cores: float, wanted: Verdict) -> None:
    assert verdict(machine.check_cores(cores)) is wanted


@pytest.mark.parametrize(("quota", "most"), [("50000 100000\n", 0.5), ("max 100000\n", 4096)])
def test_cores_when_the_container_has_a_quota_then_it_counts(
    tmp_path: Path, quota: str, most: float
) -> None:
    write(tmp_path, "sys/fs/cgroup/cpu.max", quota)
    assert 0 < machine.usable_cores(tmp_path) <= most


@pytest.mark.parametrize(("free", "wanted"), [(None, OK), (1 << 29, WARN), (1 << 30, OK)])
def test_memory_when_less_than_a_gib_then_warn(free: int | None, wanted: Verdict) -> None:
    assert verdict(machine.check_memory(free)) is wanted


def test_memory_when_the_container_has_a_limit_then_it_counts(tmp_path: Path) -> None:
    assert machine.available_memory_bytes(tmp_path) is None
    write(tmp_path, "proc/meminfo", "MemTotal:  9 kB\nMemAvailable:    4096 kB\n")
    assert machine.available_memory_bytes(tmp_path) == 4096 * 1024
    write(tmp_path, "sys/fs/cgroup/memory.max", "1000000\n")
    write(tmp_path, "sys/fs/cgroup/memory.current", "400000\n")
    assert machine.available_memory_bytes(tmp_path) == 600_000
    write(tmp_path, "sys/fs/cgroup/memory.max", "max\n")
    assert machine.available_memory_bytes(tmp_path) == 4096 * 1024


@pytest.mark.parametrize(
    ("kind", "flags", "wanted"),
    [
        ("x86_64", {"sse", "avx2"}, OK),
        ("AMD64", {"sse", "avx"}, FAIL),
        ("x86_64", set[str](), OK),
        ("aarch64", set[str](), OK),
    ],
)
def test_processor_when_x86_without_avx2_then_fail(
    kind: str, flags: set[str], wanted: Verdict
) -> None:
    assert verdict(machine.check_instructions(kind, frozenset(flags))) is wanted


def test_flags_when_the_system_tells_them_then_they_are_read(tmp_path: Path) -> None:
    assert machine.cpu_flags(tmp_path) == frozenset()
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu avx avx2\n\nflags\t\t: fpu\n")
    assert machine.cpu_flags(tmp_path) == {"fpu", "avx", "avx2"}


@pytest.mark.parametrize(
    ("year", "before_s", "after_s", "wanted"),
    [(2026, 1, 1, OK), (1970, 1, 1, FAIL), (2100, 1, 1, FAIL), (2026, 2, 1, FAIL)],
)
def test_clock_when_it_cannot_be_right_then_fail(
    year: int, before_s: float, after_s: float, wanted: Verdict
) -> None:
    now = datetime(year, 1, 1, tzinfo=UTC)
    assert verdict(machine.check_clock(now, before_s, after_s)) is wanted


def test_writable_when_the_folder_is_there_then_it_is_tried_and_left_as_it_was(
    tmp_path: Path,
) -> None:
    assert verdict(folder.check_writable(tmp_path, tmp_path)) is OK
    assert list(tmp_path.iterdir()) == []


def test_writable_when_the_folder_is_missing_then_its_parent_must_take_it(tmp_path: Path) -> None:
    assert verdict(folder.check_writable(tmp_path / "a" / "b", tmp_path)) is OK
    assert verdict(folder.check_writable(Path("/proc/weft"), Path("/proc"))) is FAIL


def test_writable_when_it_is_a_file_then_fail(tmp_path: Path) -> None:
    write(tmp_path, "file", "")
    assert verdict(folder.check_writable(tmp_path / "file", tmp_path / "file")) is FAIL


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("ext4", OK),
        (None, OK),
        ("nfs4", FAIL),
        ("cifs", FAIL),
        ("fuse.sshfs", FAIL),
        ("fuse.glusterfs", FAIL),
        ("overlay", WARN),
        ("tmpfs", WARN),
    ],
)
def test_file_system_when_locks_or_data_do_not_hold_then_it_is_said(
    kind: str | None, wanted: Verdict
) -> None:
    assert verdict(folder.check_file_system(kind)) is wanted


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/srv/my data/weft", "nfs4"), ("/srv/other", "btrfs"), ("/var", "ext4"), ("/", "ext4")],
)
def test_file_system_when_mounts_are_nested_then_the_innermost_and_last_counts(
    tmp_path: Path, place: str, kind: str
) -> None:
    write(tmp_path, "mountinfo", MOUNTS)
    assert folder.file_system(Path(place), tmp_path / "mountinfo") == kind


def test_file_system_when_nobody_tells_then_none(tmp_path: Path) -> None:
    assert folder.file_system(tmp_path, tmp_path / "none") is None


@pytest.mark.parametrize(("free", "wanted"), [(1 << 31, OK), (1 << 29, WARN), (1 << 20, FAIL)])
def test_space_when_low_then_it_is_said(free: int, wanted: Verdict) -> None:
    assert verdict(folder.check_space(free)) is wanted


@pytest.mark.parametrize(("mode", "wanted"), [(0o600, OK), (0o640, WARN), (0o604, WARN)])
def test_secret_when_others_can_read_it_then_warn(
    tmp_path: Path, mode: int, wanted: Verdict
) -> None:
    path = tmp_path / "secret.key"
    assert folder.check_secret(path) == []
    path.touch()
    path.chmod(mode)
    [finding] = folder.check_secret(path)
    assert verdict(finding) is wanted


@pytest.mark.parametrize(
    ("of_folder", "of_database", "wanted"),
    [(0o755, 0o600, OK), (0o700, 0o644, WARN), (0o700, 0o660, WARN), (0o777, 0o600, WARN)],
)
def test_privacy_when_others_can_read_or_change_it_then_warn(
    tmp_path: Path, of_folder: int, of_database: int, wanted: Verdict
) -> None:
    assert folder.check_privacy(tmp_path / "none") == []
    open_database(tmp_path).close()
    (tmp_path / "weft.db").chmod(of_database)
    tmp_path.chmod(of_folder)
    [finding] = folder.check_privacy(tmp_path)
    assert verdict(finding) is wanted


def test_lock_when_a_server_holds_it_then_its_process_is_named(tmp_path: Path) -> None:
    assert folder.check_lock(tmp_path / "weft.lock") == []
    with DataFolder(tmp_path):
        [finding] = folder.check_lock(tmp_path / "weft.lock")
        assert finding.says == f"process {os.getpid()} serves this folder"
    assert folder.check_lock(tmp_path / "weft.lock") == []
    with (tmp_path / "weft.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the check has let it go


def test_llama_cpp_when_installed_then_it_loads_in_a_child() -> None:
    assert verdict(engines.check_llama_cpp()) is OK


def test_llama_cpp_when_not_installed_then_fail() -> None:
    assert verdict(engines.check_llama_cpp("weft-has-no-such-package")) is FAIL


def test_llama_cpp_when_it_does_not_load_then_the_reason_is_told() -> None:
    finding = engines.check_llama_cpp("pytest-xdist")  # a distribution whose name is no module's
    assert verdict(finding) is FAIL
    assert "SyntaxError" in finding.says


@pytest.fixture
def card() -> ModelCard:
    """The tiny model's card, as it ships."""
    return load_catalog().get("weft/tiny-chat")


def with_spec(card: ModelCard, spec: LlamaCppSpec | OpenVinoSpec) -> ModelCard:
    return replace(card, engines=(spec,))


def test_cards_when_weights_are_here_then_ok(card: ModelCard, tmp_path: Path) -> None:
    write(tmp_path, "model.gguf", "GGUF")
    spec = LlamaCppSpec(weights=str(tmp_path / "model.gguf"), memory_mib=100)
    [finding] = engines.check_cards([with_spec(card, spec)], 200 << 20)
    assert verdict(finding) is OK
    [finding] = engines.check_cards([with_spec(card, spec)], 50 << 20)
    assert verdict(finding) is WARN


def test_cards_when_weights_are_missing_then_fail(card: ModelCard, tmp_path: Path) -> None:
    spec = LlamaCppSpec(weights=str(tmp_path / "none.gguf"), repository="org/model-gguf")
    [finding] = engines.check_cards([with_spec(card, spec)], None)
    assert verdict(finding) is FAIL
    assert "org/model-gguf" in finding.mend


def test_cards_when_openvino_shall_run_it_then_its_weights_are_looked_for(
    card: ModelCard, tmp_path: Path
) -> None:
    found = with_spec(card, OpenVinoSpec("package:weft.demo/tiny-chat.gguf"))
    missing = with_spec(card, OpenVinoSpec(str(tmp_path / "none.gguf")))
    findings = engines.check_cards([found, missing], None)
    expected = [OK, FAIL] if openvino.is_installed() else [WARN, WARN]
    assert [verdict(finding) for finding in findings] == expected


def test_cards_when_no_weights_are_named_then_they_are_only_counted(card: ModelCard) -> None:
    cards = [with_spec(card, LlamaCppSpec(weights=""))] * 3
    [finding] = engines.check_cards(cards, None)
    assert finding.says.startswith("3 others")


def test_models_when_a_card_does_not_read_then_the_line_is_told(tmp_path: Path) -> None:
    write(tmp_path, "mine.toml", "id = 3\n")
    [finding] = engines.check_models(tmp_path, None)
    assert verdict(finding) is FAIL
    assert f"{tmp_path / 'mine.toml'}:1" in finding.says


class Door(BaseHTTPRequestHandler):
    """Something that listens; `answer` decides whether it is a Weft."""

    answer = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (b'{"status":"ok","version":"0.1.0","usage_backlog":0,"engines":[]}', OK),
        (b'{"status":"ok"}', FAIL),
        (b"<html>", FAIL),
    ],
)
def test_port_when_taken_then_by_whom(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch, answer: bytes, wanted: Verdict
) -> None:
    monkeypatch.setattr(Door, "answer", answer)
    settings = Settings(data_dir=tmp_path, port=port)
    finding = address.check_address(settings, is_served=True)
    assert verdict(finding) is wanted
    assert verdict(address.check_address(settings, is_served=False)) is FAIL
    assert ("Weft 0.1.0 answers" in finding.says) is (wanted is OK)


def test_port_when_taken_by_something_silent_then_it_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "ASK_TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(data_dir=tmp_path, port=silent.getsockname()[1])
        assert verdict(address.check_address(settings, is_served=False)) is FAIL


def test_port_when_free_or_any_then_ok(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        free = held.getsockname()[1]
    for port in (free, 0):
        settings = Settings(data_dir=tmp_path, port=port)
        assert verdict(address.check_address(settings, is_served=False)) is OK


def test_examine_when_the_settings_do_not_read_then_the_machine_is_still_told(
    tmp_path: Path,
) -> None:
    write(tmp_path, "weft.toml", "prot = 1\n")
    findings = {finding.check: finding for finding in examine({"data_dir": tmp_path})}
    assert verdict(findings["settings"]) is FAIL
    assert "did you mean port?" in findings["settings"].says
    assert "python" in findings
    assert "database" not in findings


def test_doctor_when_all_is_well_then_exit_code_0_and_the_folder_is_not_made(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    write(tmp_path, "weft.toml", "port = 0\n")
    words = ["doctor", "--data", str(data), "--config", str(tmp_path / "weft.toml")]
    result = CliRunner().invoke(build(words), words)
    assert result.exit_code == 0, result.output
    assert not data.exists()
    lines = [line for line in result.stdout.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 100  # a long path stays whole, to be copied


def test_doctor_when_something_fails_then_exit_code_1_and_json_says_what(tmp_path: Path) -> None:
    write(tmp_path, "weft.toml", "port = -1\n")
    words = ["doctor", "--data", str(tmp_path), "--json"]
    result = CliRunner().invoke(build(words), words)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["healthy"] is False
    [failed] = [finding for finding in report["findings"] if finding["verdict"] == "fail"]
    assert failed["check"] == "settings"
    text = CliRunner().invoke(build(words), words[:-1]).stdout
    assert "-> `weft config` lists every setting" in text
    assert text.rstrip().endswith("1 to mend before a server works here.")
