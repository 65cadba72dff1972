"""`weft models pull` and `rm`: after a pull the model runs as its card is, and after `rm` nothing is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.engines.conftest import FILE, FOLDER, NAME
from cli.said import Json, Weft
from engines.weights.hub_server import TOKEN, HubServer
from weft.demo import GGUF_PATH

SIZE = GGUF_PATH.stat().st_size


def line_of(weft: Weft, model: str = "acme/tiny") -> Json:
    return next(line for line in weft("models", "ls", "--json").json if line["id"] == model)


@pytest.mark.usefixtures("hub", "card")
def test_pull_when_done_then_the_model_runs_without_a_change_to_its_card(
    weft: Weft, tmp_path: Path
) -> None:
    assert line_of(weft)["state"] == "to-pull"
    done = weft("models", "pull", "tiny")
    assert done.code == 0, done.err
    assert "acme/tiny for llama_cpp: 1 file" in done.out
    assert "llama_cpp runs acme/tiny now." in done.out
    line = line_of(weft)
    weights = tmp_path / "weights" / NAME / FILE
    assert (line["state"], line["engine"], line["origin"]) == ("runs", "llama_cpp", "pulled")
    assert (line["weights"], line["size_bytes"]) == (str(weights), SIZE)
    again = weft("models", "pull", "acme/tiny", "--json").json
    assert (again["new_bytes"], again["kept_bytes"], again["runs"]) == (0, SIZE, True)


@pytest.mark.usefixtures("mirror", "card")
def test_pull_when_there_is_a_mirror_then_no_hub_is_needed(weft: Weft) -> None:
    done = weft("models", "pull", "tiny")
    assert done.code == 0, done.err
    assert "from the mirror" in done.out
    assert line_of(weft)["state"] == "runs"
    refused = weft("models", "pull", "tiny", "--revision", "v1")
    assert (refused.code, "leave --revision out" in refused.err) == (1, True)


@pytest.mark.usefixtures("hub", "card")
def test_pull_when_for_vllm_then_the_whole_folder_comes(weft: Weft, tmp_path: Path) -> None:
    done = weft("models", "pull", "tiny", "--engine", "vllm", "--json")
    assert done.code == 0, done.err
    assert "model.safetensors" in done.json["files"]
    assert (tmp_path / "weights" / FOLDER / "config.json").is_file()
    wrong = weft("models", "pull", "tiny", "--engine", "vllm", "--quantization", "Q8_0")
    assert "takes safetensors" in wrong.err
    wrong = weft("models", "pull", "tiny", "--engine", "ollama")
    assert "it names repositories for vllm, llama_cpp" in wrong.err


@pytest.mark.usefixtures("card")
def test_pull_when_only_some_is_wanted_then_only_that_comes(weft: Weft, hub: HubServer) -> None:
    plan = weft("models", "pull", "tiny", "--include", "README*", "--dry-run")
    assert plan.out.splitlines()[-1].split() == ["1", "B", "README.md"]
    assert hub.downloads() == []
    done = weft("models", "pull", "tiny", "--include", "README*", "--json").json
    assert (done["files"], done["runs"]) == (["README.md"], False)


@pytest.mark.usefixtures("card")
def test_pull_when_gated_then_a_token_of_the_flag_or_the_environment_opens(
    weft: Weft, hub: HubServer
) -> None:
    hub.repositories[NAME].gated = True
    refused = weft("models", "pull", "tiny")
    assert refused.code == 1
    assert "is gated" in refused.err
    assert f"accept it at {hub.url}/{NAME}" in refused.err
    dry = weft("models", "pull", "tiny", "--dry-run")
    assert dry.code == 0, dry.err
    assert weft("models", "pull", "tiny", env={"HF_TOKEN": TOKEN}).code == 0
    assert TOKEN not in weft("config", "--json").out


def test_pull_when_there_is_nothing_to_pull_then_says_what_to_do(weft: Weft, card: Path) -> None:
    unknown = weft("models", "pull", "acme/tinny")
    assert "did you mean acme/tiny?" in unknown.err
    ships = weft("models", "pull", "weft/tiny-chat")
    assert "its card names package:weft.demo/tiny-chat.gguf" in ships.err
    card.write_text('id = "acme/tiny"\ncontext_window_tokens = 2048\n')
    assert "names no repository" in weft("models", "pull", "acme/tiny").err


@pytest.mark.usefixtures("card")
def test_pull_when_interrupted_then_the_next_one_goes_on(
    weft: Weft, hub: HubServer, tmp_path: Path
) -> None:
    hub.repositories[NAME].stall_at = 3 << 20
    command = [sys.executable, "-m", "weft", "models", "pull", "tiny", "--data", str(tmp_path)]
    with subprocess.Popen(
        command, env={**os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as child:
        assert hub.stalled.wait(90)
        part_folder = tmp_path / "weights" / ".parts"
        for _ in range(300):
            if any(path.stat().st_size >= 2 << 20 for path in part_folder.glob("*.part")):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.1)
        child.send_signal(signal.SIGINT)
        _, complaint = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in complaint
    assert line_of(weft)["state"] == "to-pull"
    assert weft("models", "pull", "tiny").code == 0
    first, second = (asked.range for asked in hub.downloads())
    assert first is None
    assert second is not None
    assert int(second.removeprefix("bytes=").rstrip("-")) >= 2 << 20
    assert line_of(weft)["state"] == "runs"


@pytest.mark.usefixtures("mirror", "card")
def test_rm_when_agreed_then_the_weights_are_gone(weft: Weft, tmp_path: Path) -> None:
    assert "nothing was pulled for acme/tiny" in weft("models", "rm", "tiny").err
    assert weft("models", "pull", "tiny").code == 0
    asked = weft("models", "rm", "tiny")
    assert asked.code == 1
    assert f"Delete 1 file of {NAME}" in asked.err
    done = weft("models", "rm", "tiny", "--yes", "--json").json
    assert done["freed_bytes"] == SIZE
    assert line_of(weft)["state"] == "to-pull"
    assert not (tmp_path / "weights" / NAME).exists()


def test_rm_when_the_card_names_its_own_weights_then_they_are_left_alone(weft: Weft) -> None:
    refused = weft("models", "rm", "weft/tiny-chat", "--yes")
    assert "what a card names is yours to delete" in refused.err
    assert GGUF_PATH.is_file()


@pytest.mark.usefixtures("hub", "card", "started")
def test_pull_and_rm_when_a_server_was_started_here_then_the_audit_log_tells(weft: Weft) -> None:
    assert weft("models", "pull", "tiny").code == 0
    assert weft("models", "rm", "tiny", "--yes").code == 0
    told = weft("audit", "ls", "--action", "model", "--json").json
    assert [(one["action"], one["subject"]) for one in told] == [
        ("model.remove", "acme/tiny"),
        ("model.pull", "acme/tiny"),
    ]
