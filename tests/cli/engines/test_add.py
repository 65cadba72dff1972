"""`weft models add`: a card of a model's own metadata, checked before it is written."""

import shutil
import tomllib
from pathlib import Path

import pytest

from cli.engines.conftest import FILE, FOLDER, NAME
from cli.said import Weft
from engines.metadata.files import write_folder, write_gguf
from engines.weights.hub_server import HubServer
from weft.catalog.load import load_catalog
from weft.catalog.types import GpuServerSpec, LlamaCppSpec
from weft.demo import GGUF_PATH


def test_add_when_a_gguf_then_it_runs_at_once(weft: Weft, tmp_path: Path) -> None:
    model = tmp_path / "here" / "Support-7B-Q8_0.gguf"
    model.parent.mkdir()
    shutil.copy(GGUF_PATH, model)
    done = weft("models", "add", str(model), "--id", "our-team/support")
    assert done.code == 0, done.err
    assert "Added our-team/support: 2,048 tokens of context, Q8_0" in done.out
    assert "It costs nothing until you write a price there." in done.out
    card = load_catalog(tmp_path / "catalog").get("our-team/support")
    spec = card.engines[0]
    assert isinstance(spec, LlamaCppSpec)
    assert spec.weights == str(model)
    assert card.capabilities.tools
    assert card.parameters_total == 3_344_640
    assert "no price was given" in card.prices[0].source
    shown = weft("models", "show", "our-team/support", "--json").json
    assert shown["model"]["state"] == "runs"


def test_add_when_prices_are_given_then_they_stand_in_the_card(weft: Weft, tmp_path: Path) -> None:
    prices = ("--input-price", "0.10", "--output-price", "$0.40")
    dry = weft("models", "add", str(GGUF_PATH), "--dry-run", *prices)
    assert dry.code == 0, dry.err
    table = tomllib.loads(dry.out)
    assert table["id"] == "local/Weft-tiny-chat"
    assert table["prices"][0]["input_usd_per_mtok"] == "0.10"
    assert table["prices"][0]["output_usd_per_mtok"] == "0.40"
    assert not (tmp_path / "catalog").exists()
    assert "say both" in weft("models", "add", str(GGUF_PATH), "--input-price", "1").err
    odd = weft("models", "add", str(GGUF_PATH), "--input-price", "x", "--output-price", "1")
    assert "write dollars per million tokens" in odd.err


def test_add_when_the_card_is_there_then_only_with_force(weft: Weft, tmp_path: Path) -> None:
    assert weft("models", "add", str(GGUF_PATH), "--id", "a/b").code == 0
    file = tmp_path / "catalog" / "a-b.toml"
    file.write_text(file.read_text() + "# mine\n")
    refused = weft("models", "add", str(GGUF_PATH), "--id", "a/b")
    assert "say --force to replace it" in refused.err
    assert "# mine" in file.read_text()
    assert weft("models", "add", str(GGUF_PATH), "--id", "a/b", "--force").code == 0
    assert "# mine" not in file.read_text()
    taken = weft("models", "add", str(GGUF_PATH), "--id", "openai/gpt-oss-20b", "--force")
    assert "the catalog has openai/gpt-oss-20b already" in taken.err


def test_add_when_the_catalog_would_not_take_it_then_nothing_is_written(
    weft: Weft, tmp_path: Path
) -> None:
    refused = weft("models", "add", str(GGUF_PATH), "--id", "no good")
    assert refused.code == 1
    assert "no card can be made of this" in refused.err
    assert "`id`" in refused.err
    assert list(tmp_path.rglob("*.toml")) == []
    short = write_gguf(tmp_path / "short.gguf", context=False)
    assert "how long its context is" in weft("models", "add", str(short)).err
    assert "no such file" in weft("models", "add", str(tmp_path / "nothing.gguf")).err


def test_add_when_a_folder_then_for_vllm(weft: Weft, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "Support 7B")
    done = weft("models", "add", str(folder))
    assert done.code == 0, done.err
    spec = load_catalog(tmp_path / "catalog").get("local/Support-7B").engines[0]
    assert isinstance(spec, GpuServerSpec)
    assert (spec.kind, spec.weights, spec.gpus) == ("vllm", str(folder), 1)


def test_add_when_a_repository_of_the_hub_then_its_small_files_are_read_only(
    weft: Weft, hub: HubServer, tmp_path: Path
) -> None:
    done = weft("models", "add", FOLDER)
    assert done.code == 0, done.err
    assert hub.downloads() == []
    card = load_catalog(tmp_path / "catalog").get(FOLDER)
    assert card.license == "apache-2.0"
    assert card.context_window_tokens == 2048
    assert card.capabilities.tools
    assert weft("models", "pull", FOLDER, "--json").json["engine"] == "vllm"


def test_add_when_a_gguf_repository_of_the_hub_then_by_what_the_hub_read(
    weft: Weft, hub: HubServer, tmp_path: Path
) -> None:
    refused = weft("models", "add", NAME)
    assert "download one, and add the file" in refused.err
    hub.repositories[NAME].gguf = {
        "total": 3_344_640,
        "architecture": "llama",
        "context_length": 2048,
        "chat_template": "{{ tools }}",
    }
    done = weft("models", "add", NAME, "--json").json
    assert done["model"] == "acme/tiny"
    card = load_catalog(tmp_path / "catalog").get("acme/tiny")
    spec = card.engines[0]
    assert isinstance(spec, LlamaCppSpec)
    assert (spec.repository, spec.quantization, spec.weights_mib) == (NAME, "Q8_0", 4)
    assert weft("models", "pull", "acme/tiny", "--json").json["runs"]


@pytest.mark.usefixtures("mirror")
def test_add_when_a_mirror_has_it_then_its_header_is_read(weft: Weft, tmp_path: Path) -> None:
    done = weft("models", "add", NAME)
    assert done.code == 0, done.err
    card = load_catalog(tmp_path / "catalog").get("acme/tiny")
    assert card.capabilities.tools
    assert card.label == "Weft tiny-chat"
    assert FILE not in str(card.engines[0])
