"""llama.cpp's OpenAI-compatible server inside this process; knows nothing about chat models, seats or caches.

Two things it guards against were measured (docs: the embedded model): every reason for not loading a file is one and
the same RuntimeError, so files are looked at first; and stopping while a client is still connected hangs, or ends the
process, so `stop` asks for closed connections.
"""

from __future__ import annotations

import importlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..errors import UsageError

CONTEXT = 4096
"""Tokens a slot holds, unless the caller says otherwise."""
FETCH = "get one with 'roleplay fetch-model', or name the path of a .gguf file"


@dataclass
class LlamaServer:
    """A server on a random loopback port that only the holder of `key` can use."""

    path: Path
    name: str
    slots: int
    context: int
    threads: int
    slot_directory: Path
    key: SecretStr = field(default_factory=lambda: SecretStr(secrets.token_urlsafe(32)))
    url: str = ""
    _server: Any = field(default=None, repr=False)

    def start(self) -> None:
        """Load the model and listen; this blocks for a second or two."""
        llama = load_library()
        try:
            self._server = llama.Server(self._settings(llama))
        except RuntimeError:
            raise UsageError(
                f"{self.path} does not load: damaged, or of a kind this build does not know", hint=FETCH
            ) from None
        self.url = self._server.listening_address

    def stop(self) -> None:
        """Stop listening and free the model; its clients must have closed their connections."""
        self._server = None

    def _settings(self, llama: Any) -> Any:
        settings = llama.CommonParams()
        settings.model.path = str(self.path)
        settings.model_alias = {self.name}
        settings.hostnames, settings.port = ["127.0.0.1"], 0
        settings.api_keys = [self.key.get_secret_value()]
        settings.ui, settings.warmup, settings.verbosity = False, False, 0
        settings.n_parallel, settings.n_ctx = self.slots, self.slots * self.context
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = self.threads
        settings.n_batch = settings.n_ubatch  # A call that was given up is noticed between batches.
        settings.cache_ram_mib = 0
        settings.slot_save_path = f"{self.slot_directory}/"
        return settings


def load_library() -> Any:
    """Import xllamacpp, which is an extra."""
    try:
        return importlib.import_module("xllamacpp")
    except ImportError:
        raise UsageError(
            "the embedded model needs xllamacpp", hint="install the extra: crisis-roleplay[embedded]"
        ) from None


def check_gguf(path: Path) -> None:
    """Refuse what cannot be a model, saying what it is instead."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file", hint=FETCH)
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    if head.startswith(b"version https://git-lfs"):
        raise UsageError(
            f"{path}: a Git LFS pointer, not the model itself", hint="run 'git lfs pull' where it came from"
        )
    if not head.startswith(b"GGUF"):
        raise UsageError(f"{path}: not a GGUF file", hint=FETCH)
