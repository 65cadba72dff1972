"""The peers' Python environments: one folder each under bench/envs, made on first use."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ENVS = Path(__file__).resolve().parents[1] / "envs"
INSTALL_TIMEOUT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment and what is installed into it."""

    name: str
    packages: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ENVS / self.name / "bin" / "python"

    def program(self, name: str) -> Path:
        """A program that one of its packages brings."""
        return self.python.with_name(name)

    def prepare(self) -> str | None:
        """Make it, unless it holds exactly these packages already; answers why it cannot be had."""
        folder = ENVS / self.name
        marker = folder / ".packages"
        wanted = "\n".join(self.packages)
        if marker.exists() and marker.read_text() == wanted:
            return None
        print(f"installing {', '.join(self.packages)} into {folder}", flush=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        log = ENVS / f"{self.name}.log"
        steps = (
            [sys.executable, "-m", "venv", str(folder)],
            [str(self.python), "-m", "pip", "install", "--quiet", *self.packages],
        )
        with log.open("w") as out:
            for step in steps:
                try:
                    subprocess.run(
                        step, stdout=out, stderr=out, check=True, timeout=INSTALL_TIMEOUT_S
                    )
                except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                    return f"`pip install {' '.join(self.packages)}` failed, see {log}"
        marker.write_text(wanted)
        return None


LITELLM = Environment("litellm", ("litellm[proxy]==1.106.2",))
ROUTERS = Environment("routers", ("sglang-router==0.3.2", "vllm-router==0.1.17"))
