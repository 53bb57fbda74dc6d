"""From what a user names to a model that can be called; knows nothing about who will call it.

A new backend: write a module with a `ChatModel`, and add one function and one line to `BACKENDS` here.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import Field, SecretStr

from ..errors import ProviderAuthError, UsageError
from ..frozen import Frozen
from . import ChatModel
from .fetch import CATALOGUE, DEFAULT, find_gguf
from .scripted import ScriptedModel

OPENAI = "https://api.openai.com/v1"


class ModelSpec(Frozen):
    """A model as a user names it; holds the name of a key's environment variable, never the key.

    `model` is `embedded`, a catalogued name, the path of a .gguf file, `scripted:FILE` (one reply a line), or whatever
    the endpoint at `base_url` calls it; `BACKEND:NAME` where that would be taken for something else.
    """

    model: str = Field(min_length=1)
    base_url: str | None = None
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: int | None = Field(default=None, ge=1)
    timeout: float = Field(default=120.0, gt=0)
    deadline: float = Field(default=300.0, gt=0)

    @property
    def backend(self) -> str:
        """Name the backend that serves this model."""
        before, colon, _ = self.model.partition(":")
        if colon and before in BACKENDS:
            return before
        if self.base_url is None and (self.model in (*CATALOGUE, "embedded") or self.model.lower().endswith(".gguf")):
            return "embedded"
        return "openai"

    @property
    def name(self) -> str:
        """The model's name without its backend's."""
        return self.model.removeprefix(f"{self.backend}:")


def open_model(spec: ModelSpec | str) -> ChatModel:
    """Open the model that a spec names; open it once, share it among seats, and close it."""
    spec = ModelSpec(model=spec) if isinstance(spec, str) else spec
    return BACKENDS[spec.backend](spec)


def context_of(spec: ModelSpec) -> int | None:
    """Tokens that the model of a spec holds, without opening it; None where that is not known or of no concern."""
    from .llama import CONTEXT

    return CONTEXT if spec.backend == "embedded" else None


def _openai(spec: ModelSpec) -> ChatModel:
    from .openai import OpenAIModel

    base_url = spec.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
    key = SecretStr(os.environ.get(spec.api_key_env, ""))
    if base_url == OPENAI and not key.get_secret_value():
        raise ProviderAuthError(
            f"{spec.name} needs a key, and {spec.api_key_env} is not set",
            hint="set it, name another place with --base-url, or play with the embedded model",
        )
    gate = asyncio.Semaphore(spec.concurrency) if spec.concurrency else None
    return OpenAIModel(spec.name, base_url, key, concurrency=gate, timeout=spec.timeout, deadline=spec.deadline)


def _embedded(spec: ModelSpec) -> ChatModel:
    from .embedded import open_shared

    name = DEFAULT if spec.name == "embedded" else spec.name
    path = find_gguf(name)
    if path is None:
        raise UsageError(f"the model {name} is not on this machine", hint=f"run 'roleplay fetch-model {name}' once")
    return open_shared(path, name=name if name in CATALOGUE else None)


def _scripted(spec: ModelSpec) -> ChatModel:
    try:
        lines = Path(spec.name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{spec.name}: cannot be read as a script of replies ({type(error).__name__})") from None
    return ScriptedModel([_line(line) for line in lines if line.strip()], name=spec.model)


def _line(line: str) -> str:
    """A line is a reply as it stands, or a JSON string that holds one."""
    try:
        reply = json.loads(line)
    except ValueError:
        return line
    return reply if isinstance(reply, str) else line


BACKENDS: Mapping[str, Callable[[ModelSpec], ChatModel]] = {
    "openai": _openai,
    "embedded": _embedded,
    "scripted": _scripted,
}
