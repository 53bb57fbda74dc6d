"""Settings and where each came from: flag > ROLEPLAY_* > .env > roleplay.toml > the user's file > default.

Keys are never settings: only the name of the environment variable that holds one is. Knows nothing about commands.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import Field, ValidationError

from ..errors import AuthorError, Problem
from ..explaining import explained
from ..frozen import Frozen
from ..loading import Document

PREFIX = "ROLEPLAY_"
PROJECT_FILE = "roleplay.toml"


class Config(Frozen):
    """What can be set once instead of typed each time."""

    model: str | None = None
    """Model that plays seats without a driver; none: voices of the embedded model."""
    base_url: str | None = None
    """OpenAI-compatible endpoint of that model."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds its key."""
    keys: dict[str, str] = {}
    """Endpoint -> environment variable that holds its key, for endpoints with keys of their own."""
    out: str = "transcripts"
    """Folder in which runs are kept."""
    concurrency: int | None = Field(default=None, ge=1)
    """Calls in flight at once, at most."""
    mode: str = "block"
    """prevent, block or observe."""
    max_cost: float | None = None
    max_tokens: int | None = None
    max_minutes: float | None = None
    prices: dict[str, dict[str, float]] = {}
    """Model -> {prompt, cached, completion}: US dollars per million tokens."""


@dataclass(frozen=True)
class Setting:
    """A setting with where it came from."""

    name: str
    value: Any
    origin: str


def load_config(flags: Mapping[str, Any] | None = None) -> Config:
    """The settings in force; `flags` are those given on the command line (None: not given)."""
    return Config.model_validate({s.name: s.value for s in settings(flags)})


def settings(flags: Mapping[str, Any] | None = None) -> list[Setting]:
    """Every setting and its origin; raises AuthorError naming the file of a bad value."""
    layers: list[tuple[str, Mapping[str, Any]]] = [
        ("flag", {k: v for k, v in (flags or {}).items() if v is not None}),
        ("environment", _named(os.environ)),
        (".env", _named(_dotenv(Path(".env")))),
        (PROJECT_FILE, _toml(Path(PROJECT_FILE))),
        ("user file", _toml(user_config_path("roleplay") / "config.toml")),
    ]
    found = []
    for name, field in Config.model_fields.items():
        for origin, layer in layers:
            if name in layer:
                found.append(Setting(name, _checked(name, layer[name], origin), origin))
                break
        else:
            found.append(Setting(name, field.get_default(call_default_factory=True), "default"))
    return found


def _checked(name: str, value: Any, origin: str) -> Any:
    try:
        return getattr(Config.model_validate({name: value}), name)
    except ValidationError as error:
        found = explained({name: value}, Config, error.errors()[0])
        raise AuthorError([Document(origin, {}, {}).problem(*found)]) from None


def _named(values: Mapping[str, str]) -> dict[str, str]:
    names = Config.model_fields
    return {
        k.removeprefix(PREFIX).lower(): v
        for k, v in values.items()
        if k.startswith(PREFIX) and k.removeprefix(PREFIX).lower() in names and v != ""
    }


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise AuthorError([Problem(str(path), None, "", "is not UTF-8", hint="save it as UTF-8")]) from None
    pairs = (line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    return {key.strip().removeprefix("export "): value.strip().strip("'\"") for key, value in pairs}


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorError([Problem(str(path), None, "", str(error), hint="write TOML: name = value")]) from None
    unknown = sorted(set(data) - set(Config.model_fields))
    if unknown:
        allowed = ", ".join(Config.model_fields)
        raise AuthorError([Problem(str(path), None, unknown[0], "unknown setting", allowed)])
    return data
