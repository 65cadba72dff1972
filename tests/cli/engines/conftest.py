"""Parts for the tests of `weft models`: a hub, and a card that can be pulled from it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.weights.hub_server import HubServer, Repository, serving_hub
from weft.demo import GGUF_PATH, MODEL_DIR

NAME = "acme/tiny-GGUF"
FILE = "tiny-Q8_0.gguf"
FOLDER = "acme/tiny"
CARD = """\
id = "acme/tiny"
context_window_tokens = 2048
aliases = ["tiny"]
[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "0.10"
output_usd_per_mtok = "0.40"
source = "ours"
[engines.vllm]
repository = "acme/tiny"
gpus = 1
gpu_memory_gib = 8
[engines.llama_cpp]
repository = "acme/tiny-GGUF"
quantization = "Q8_0"
"""


@pytest.fixture(scope="module")
def running_hub() -> Iterator[HubServer]:
    with serving_hub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The hub that the settings name, with the model that ships under another name, in both forms."""
    running_hub.asked.clear()
    names = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    running_hub.repositories = {
        NAME: Repository({FILE: GGUF_PATH.read_bytes(), "README.md": b"#"}, large={FILE}),
        FOLDER: Repository(
            {name: (MODEL_DIR / name).read_bytes() for name in names},
            large={"model.safetensors"},
            license="apache-2.0",
        ),
    }
    monkeypatch.setenv("WEFT_HUB_URL", running_hub.url)
    return running_hub


@pytest.fixture
def mirror(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror folder with the same GGUF, which the settings name."""
    root = tmp_path_factory.mktemp("mirror")
    folder = root / NAME
    folder.mkdir(parents=True)
    content = GGUF_PATH.read_bytes()
    (folder / FILE).write_bytes(content)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  {FILE}\n")
    monkeypatch.setenv("WEFT_HUB_MIRROR", str(root))
    return root


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The card of `acme/tiny` in the data folder's catalog."""
    path = tmp_path / "catalog" / "tiny.toml"
    path.parent.mkdir()
    path.write_text(CARD)
    return path
